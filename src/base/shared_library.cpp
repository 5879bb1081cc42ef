#include "base/shared_library.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <vector>

namespace kiln {

namespace {

/// Of the machine that this program is for; 0 where the loader alone knows.
#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
constexpr Elf64_Half kMachine = EM_NONE;
#endif

/// Do `count` things of `size` bytes from `offset` on lie in the file?
bool lies_within(const std::string& bytes, std::uint64_t offset, std::uint64_t count, std::uint64_t size) {
  return offset <= bytes.size() && (size == 0 || count <= (bytes.size() - offset) / size);
}

/// A table of headers; false if it is not wholly there.
template <class Header>
bool read_table(const std::string& bytes, std::uint64_t offset, std::uint64_t count, std::uint64_t size,
                std::vector<Header>& headers) {
  if (count == 0) return true;
  if (size != sizeof(Header) || !lies_within(bytes, offset, count, size)) return false;
  headers.resize(count);
  std::memcpy(headers.data(), bytes.data() + offset, count * size);
  return true;
}

bool segments_are_whole(const std::string& bytes, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> segments;
  if (!read_table(bytes, header.e_phoff, header.e_phnum, header.e_phentsize, segments)) return false;
  bool whole = !segments.empty();
  for (const Elf64_Phdr& segment : segments) whole = whole && lies_within(bytes, segment.p_offset, 1, segment.p_filesz);
  return whole;
}

bool sections_are_whole(const std::string& bytes, const Elf64_Ehdr& header) {
  std::vector<Elf64_Shdr> sections;
  if (!read_table(bytes, header.e_shoff, header.e_shnum, header.e_shentsize, sections)) return false;
  bool whole = true;
  for (const Elf64_Shdr& section : sections)
    whole = whole && (section.sh_type == SHT_NOBITS || lies_within(bytes, section.sh_offset, 1, section.sh_size));
  return whole;
}

}  // namespace

std::string fault_of_shared_library(const std::string& bytes) {
  Elf64_Ehdr header;
  if (bytes.compare(0, SELFMAG, ELFMAG) != 0) return "it is no library: it does not begin as an ELF file does";
  if (bytes.size() > EI_CLASS && bytes[EI_CLASS] == ELFCLASS32) return "it is a library of 32 bits";
  if (bytes.size() < sizeof header) return "it is no whole library: the file ends in its header";
  std::memcpy(&header, bytes.data(), sizeof header);
  const bool other_machine = header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != kMachine;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || (kMachine != EM_NONE && other_machine))
    return "it is a library for another machine";
  if (header.e_type != ET_DYN) return "it is an ELF file, but no shared library";
  if (segments_are_whole(bytes, header) && sections_are_whole(bytes, header)) return "";
  return "it is no whole library: its headers promise more than the " + std::to_string(bytes.size()) +
         " bytes of the file";
}

namespace {

constexpr int kLoadingLimit = 60'000;  ///< ms

/// Tells `done` once the library is loaded, or cannot be opened: then the parent says why. What the library's code
/// prints is not for this program's reader.
[[noreturn]] void load_and_leave(const std::string& path, int done) {
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDOUT_FILENO), dup2(nowhere, STDERR_FILENO);
  dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  const char byte = 1;
  _exit(write(done, &byte, 1) == 1 ? 0 : 1);
}

/// Does a byte come in time? False also if the other end is closed without.
bool is_told(int end) {
  pollfd waiting{end, POLLIN, 0};
  int n = 0;
  while ((n = poll(&waiting, 1, kLoadingLimit)) < 0 && errno == EINTR) continue;
  char byte = 0;
  return n > 0 && read(end, &byte, 1) == 1;
}

std::string fault_of_end(int status) {
  if (WIFEXITED(status))
    return "it ends the program that loads it, with exit code " + std::to_string(WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGKILL) return "it does not come back from loading";
  return "it ends the program that loads it, with signal " + std::to_string(WTERMSIG(status)) + " (" +
         strsignal(WTERMSIG(status)) + "): a static object of it throws, perhaps";
}

}  // namespace

std::string fault_of_loading(const std::string& path) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "";  // out of descriptors: the library is loaded without a trial
  const pid_t child = fork();
  if (child == 0) load_and_leave(path, ends[1]);
  close(ends[1]);
  const bool loaded = child < 0 || is_told(ends[0]);
  close(ends[0]);
  int status = 0;
  if (child > 0 && !loaded) kill(child, SIGKILL);  // a child that has ended keeps its status
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return loaded ? "" : fault_of_end(status);
}

}  // namespace kiln
