#include "export/kim_model.h"

#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "kiln/error.h"

namespace kiln {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 200;  // file systems allow 255, of which some are for suffixes

const std::string kMark = "# A KIM portable model written by Kiln; replaced when it is exported again.\n";

std::string cmake_lists(const std::string& name) {
  return kMark +
         "cmake_minimum_required(VERSION 3.13)\n"
         "\n"
         "list(APPEND CMAKE_PREFIX_PATH $ENV{KIM_API_CMAKE_PREFIX_DIR})\n"
         "find_package(KIM-API-ITEMS 2.2 REQUIRED CONFIG)\n"
         "kim_api_items_setup_before_project(ITEM_TYPE \"portableModel\")\n"
         "project(" +
         name +
         ")\n"
         "kim_api_items_setup_after_project(ITEM_TYPE \"portableModel\")\n"
         "\n"
         "# xxd writes the model file as C source, which takes minutes to compile; this one lets the assembler include "
         "it.\n"
         "set(XXD_EXECUTABLE \"${CMAKE_CURRENT_SOURCE_DIR}/incbin.sh\" CACHE FILEPATH \"\" FORCE)\n"
         "add_kim_api_model_library(\n"
         "  NAME ${PROJECT_NAME}\n"
         "  DRIVER_NAME \"" +
         kKimDriver +
         "\"\n"
         "  PARAMETER_FILES \"model.kiln\"\n"
         ")\n";
}

// Called as xxd is: incbin.sh -i INPUT OUTPUT. The names are those that `xxd -i` gives.
constexpr const char* kIncbin = R"sh(#!/bin/sh
# Like `xxd -i INPUT OUTPUT`, but the assembler includes the bytes: no C array, no minutes of compiling.
set -eu
[ "$#" -eq 3 ] && [ "$1" = -i ] || { echo "usage: $0 -i INPUT OUTPUT" >&2; exit 2; }
input=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
id=$(basename "$2" | sed 's/[^A-Za-z0-9]/_/g; s/^[0-9]/_&/')
escaped=$(printf '%s' "$input" | sed 's/[\\"]/\\\\\\&/g')
cat >"$3" <<END
__asm__(
    ".section .rodata\n"
    ".global $id\n"
    ".balign 16\n"
    "$id:\n"
    ".incbin \"$escaped\"\n"
    "${id}_end:\n"
    ".global ${id}_len\n"
    ".balign 4\n"
    "${id}_len: .int ${id}_end - $id\n"
    ".previous\n");
END
)sh";

std::string readme(const std::string& name) {
  return "# " + name + "\n\nA KIM portable model for the driver " + kKimDriver +
         ", written by Kiln.\n\n```text\nkim-api-collections-management install user <this folder>\n```\n\n"
         "Then, in LAMMPS: `kim init " +
         name + " metal`. `kiln info model.kiln` shows what the model is.\n";
}

void require_identifier(const std::string& name) {
  bool good = !name.empty() && std::isalpha(static_cast<unsigned char>(name[0]));
  for (const unsigned char c : name) good = good && (std::isalnum(c) || c == '_');
  if (name.size() > kLongestName)
    throw Error(ErrorKind::usage, "bad-kim-name",
                "the name of a KIM model has at most " + std::to_string(kLongestName) + " letters, this one " +
                    std::to_string(name.size()),
                "shorten it, such as --name Kiln_Si_v1");
  if (!good)
    throw Error(ErrorKind::usage, "bad-kim-name", "'" + name + "' cannot be the name of a KIM model",
                "letters, digits and _, a letter first, such as --name Kiln_Si_v1");
}

constexpr const char* kLists = "CMakeLists.txt";
constexpr const char* kScript = "incbin.sh";
constexpr const char* kReadme = "README.md";
constexpr const char* kModel = "model.kiln";

bool is_ours(const fs::path& folder) {
  const fs::path lists = folder / kLists;
  return fs::is_regular_file(lists) && read_file(lists.string()).compare(0, kMark.size(), kMark) == 0;
}

/// Something else than kiln export writes; "" if there is nothing.
std::string foreign_file(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != kLists && name != kScript && name != kReadme && name != kModel) return name;
  }
  return "";
}

void require_replaceable(const fs::path& folder) {
  if (!fs::exists(folder) || (fs::is_directory(folder) && fs::is_empty(folder))) return;
  if (!fs::is_directory(folder) || !is_ours(folder))
    throw Error(ErrorKind::usage, "folder-in-use",
                "'" + folder.string() + "' exists and was not written by kiln export", "give another place with -o");
  const std::string name = foreign_file(folder);
  if (!name.empty())
    throw Error(ErrorKind::usage, "folder-in-use",
                "'" + folder.string() + "' holds '" + name + "', which would be lost: kiln export did not write it",
                "move it, or give another place with -o");
}

void write_content(const fs::path& folder, const std::string& name, const std::string& model_bytes) {
  const auto write = [&](const char* file, const std::string& bytes) {
    write_file_atomically((folder / file).string(), bytes);
  };
  write(kLists, cmake_lists(name));
  write(kScript, kIncbin);
  fs::permissions(folder / kScript, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add);
  write(kReadme, readme(name));
  write(kModel, model_bytes);
}

/// A folder beside the wanted one, removed unless it was renamed.
struct TemporaryFolder {
  fs::path path;
  explicit TemporaryFolder(fs::path at) : path(std::move(at)) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

/// Where the file system cannot exchange folders: the old one comes back if the new one cannot take its place.
void replace_in_steps(const fs::path& written, const fs::path& wanted, const fs::path& old) {
  fs::rename(wanted, old);
  try {
    fs::rename(written, wanted);
  } catch (const fs::filesystem_error&) {
    fs::rename(old, wanted);
    throw;
  }
  fs::remove_all(old);
}

/// At any time one of the two models is there.
void replace_folder(const fs::path& wanted, const std::string& name, const std::string& model_bytes) {
  const std::string suffix = "-" + std::to_string(getpid());
  TemporaryFolder written(wanted.string() + ".partial" + suffix);  // then of what was there
  write_content(written.path, name, model_bytes);
  if (!fs::exists(wanted)) return fs::rename(written.path, wanted);
  if (renameat2(AT_FDCWD, written.path.c_str(), AT_FDCWD, wanted.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS)
    throw fs::filesystem_error("", std::error_code(errno, std::generic_category()));
  replace_in_steps(written.path, wanted, wanted.string() + ".old" + suffix);
}

}  // namespace

void write_kim_model(const std::string& folder, const std::string& name, const std::string& model_bytes) try {
  require_identifier(name);
  const fs::path wanted = fs::absolute(folder).lexically_normal();
  require_replaceable(wanted);
  const fs::path target = wanted.has_filename() ? wanted : wanted.parent_path();
  require_folder_of(target.string());
  replace_folder(target, name, model_bytes);
} catch (const fs::filesystem_error& error) {
  throw Error(ErrorKind::resources, "cannot-write", SourcePos::whole_file(folder),
              "it cannot be written: " + error.code().message());
}

}  // namespace kiln
