"""kiln completion: the scripts as the shells themselves use them."""

import os
import re
import subprocess

from harness import USAGE, main, run, write

COMMANDS = re.findall(r"^  (\w+) ", run("--help").stdout.split("Subcommands:")[1], re.M)


def folder():
    for name in ("graph.yaml", "other.yml", "model.kiln", "notes.md", "data.xyz"):
        write(name, "")
    os.mkdir("inside")


def bash():
    folder()
    write("kiln.bash", run("completion", "bash").stdout)

    def complete(*words):
        """What bash offers for the last word; '=' stands as a word of its own, as in bash."""
        line = " ".join(words)
        script = ("source ./kiln.bash; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_LINE=$LINE; COMP_POINT=${#LINE}; "
                  "_kiln; printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "--norc", "-c", script, "bash", *words], capture_output=True, text=True,
                              env={**os.environ, "LINE": line}, check=True)
        assert not done.stderr, done.stderr
        return sorted(set(filter(None, done.stdout.splitlines())))

    assert complete("kiln", "va") == ["validate"]
    assert set(COMMANDS) <= set(complete("kiln", "")) and "--version" in complete("kiln", "--")
    assert complete("kiln", "run", "--eng") == ["--engine"]
    assert complete("kiln", "run", "--engine", "") == ["native", "torch"]
    assert complete("kiln", "run", "--engine", "=", "na") == ["native"]
    assert complete("kiln", "run", "--engine", "=") == ["native", "torch"]
    assert complete("kiln", "validate", "--format", "j") == ["json"]
    assert complete("kiln", "validate", "") == ["graph.yaml", "inside", "other.yml"]
    assert complete("kiln", "validate", "--format", "json", "g") == ["graph.yaml"]
    assert complete("kiln", "info", "m") == ["model.kiln"]
    assert complete("kiln", "eval", "model.kiln", "d") == ["data.xyz"]
    assert complete("kiln", "export", "--to", "k") == ["kiln", "kim"]
    assert complete("kiln", "layers", "--type", "emb") == ["embedding"]
    assert complete("kiln", "layers", "MACE") == ["MACE_layer"]
    assert complete("kiln", "completion", "") == ["bash", "fish", "zsh"]
    assert complete("kiln", "run", "graph.yaml", "--seed", "") == []
    assert "notes.md" in complete("kiln", "run", "graph.yaml", "--input", "x", "=", "n")
    done = subprocess.run(["bash", "--norc", "-c", "source ./kiln.bash; complete -p kiln"], capture_output=True, text=True, check=True)
    assert "_kiln" in done.stdout


def zsh():
    script = run("completion", "zsh").stdout
    assert script.startswith("#compdef kiln\n")
    for command in COMMANDS:
        assert f"    {command}) _arguments" in script and f"'{command}:" in script
    assert "'--engine=[" in script and ":value:(native torch)'" in script
    write("_kiln", script)
    subprocess.run(["zsh", "-fn", "_kiln"], check=True)
    for name in ("graph.yaml", "notes.md"):
        write(name, "")
    # A terminal of its own, in which the tabs are typed.
    write("ask.zsh", """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=; unset zle_bracketed_paste; fpath=($PWD \\$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "bindkey '^I' complete-word; kiln() { print -r -- answer: \\$*; }; cd $PWD"
zpty -w shell "print is rea''dy"
zpty -r shell before '*is ready*'
zpty -n -w shell "kiln val"$'\\t'"gr"$'\\t'"--format js"$'\\t'$'\\n'
zpty -r shell all '*answer: v*'
while zpty -r -t shell more; do all+=$more; done
print -r -- $all
zpty -d shell
""")
    out = subprocess.run(["zsh", "-f", "ask.zsh"], capture_output=True, text=True, timeout=60).stdout
    assert "answer: validate graph.yaml --format json" in out, out


def fish():
    folder()
    script = run("completion", "fish").stdout
    write("kiln.fish", script)
    for command in COMMANDS:
        assert f"complete -c kiln -n __fish_use_subcommand -a {command} -d '" in script
    subprocess.run(["fish", "--no-config", "--no-execute", "kiln.fish"], check=True)

    def complete(line):
        done = subprocess.run(["fish", "--no-config", "-c", f"source kiln.fish; complete -C '{line}'"], capture_output=True, text=True, check=True)
        return [row.split("\t")[0] for row in done.stdout.splitlines()]

    assert complete("kiln va") == ["validate"]
    assert set(COMMANDS) <= set(complete("kiln "))
    assert complete("kiln run --engine ") == ["native", "torch"]
    assert complete("kiln run --eng") == ["--engine"]
    assert sorted(complete("kiln validate ")) == ["graph.yaml", "inside/", "other.yml"]
    assert complete("kiln eval m") == ["model.kiln"]


def usage():
    assert "bash" in run("completion", "tcsh", code=USAGE).stderr
    run("completion", code=USAGE)


if __name__ == "__main__":
    main(globals())
