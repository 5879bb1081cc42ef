// Checks a KIM model by the laws of physics and KIM's contract: kim_check MODEL SPECIES LATTICE_CONSTANT [CHECK …]
// A diamond crystal of the species, distorted, is the subject. Prints a line per check; exit status 1 if any failed.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "checks.h"

namespace kim_check {
namespace {

std::vector<Check> all_checks() {
  std::vector<Check> all = law_checks();
  for (const auto& group : {particle_checks(), contract_checks()}) all.insert(all.end(), group.begin(), group.end());
  return all;
}

bool wanted(const Check& check, int argc, char** argv) {
  for (int k = 4; k < argc; ++k)
    if (argv[k] == std::string(check.name)) return true;
  return argc == 4;
}

bool passes(const Check& check, Subject& subject) {
  bool ok = false;
  std::string text;
  try {
    const kiln::LawReport report = check.run(subject);
    ok = report.ok();
    text = to_string(report);
  } catch (const std::exception& error) {
    text = error.what();
  }
  std::printf("%-25s %s  %s\n", check.name, ok ? "ok    " : "FAILED", text.c_str());
  std::fflush(stdout);
  return ok;
}

int run(int argc, char** argv) {
  Subject subject{argv[1], KimModel(argv[1]), -1, distorted_diamond(std::atof(argv[3]))};
  if (!subject.model.created()) {
    std::printf("cannot create model %s\n", argv[1]);
    return 1;
  }
  subject.species = subject.model.species_code(argv[2]);
  if (subject.species < 0) {
    std::printf("%s does not support %s\n", argv[1], argv[2]);
    return 1;
  }
  const bool one_step = subject.model.influence_distance() <= subject.model.cutoff();
  int n_failed = 0;
  for (const Check& check : all_checks())
    if (wanted(check, argc, argv) && (one_step || !check.one_step_only)) n_failed += !passes(check, subject);
  return n_failed > 0;
}

}  // namespace
}  // namespace kim_check

int main(int argc, char** argv) {
  if (argc < 4) {
    std::printf("usage: kim_check MODEL SPECIES LATTICE_CONSTANT [CHECK ...]\n");
    return 2;
  }
  return kim_check::run(argc, argv);
}
