#include "base/zip.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "kiln/error.h"

// Layout: local header + content of every entry, then the central directory, then its end record. The central directory
// is what counts; zip64 writes 0xFFFFFFFF where a size has 8 bytes in an extra field.

namespace kiln {
namespace {

constexpr std::uint64_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50, kWide = 0xFFFFFFFF;
constexpr std::size_t kEndSize = 22, kLocalSize = 30, kCentralSize = 46, kLocatorSize = 20;

/// Polynomial 0xEDB88320, as zip wants it.
std::uint32_t crc32(const char* data, std::size_t size) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t n = 0; n < 256; ++n) {
      std::uint32_t c = n;
      for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      made[n] = c;
    }
    return made;
  }();
  std::uint32_t crc = 0xFFFFFFFFu;
  for (std::size_t i = 0; i < size; ++i) crc = table[(crc ^ static_cast<unsigned char>(data[i])) & 0xFF] ^ (crc >> 8);
  return crc ^ 0xFFFFFFFFu;
}

struct Entry {
  std::string name;
  std::uint64_t flags = 0, method = 0, crc = 0, packed = 0, size = 0, offset = 0;
};

struct Reader {
  const std::string& bytes;
  const std::string& file_name;

  [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
    throw Error(ErrorKind::data, "bad-zip", SourcePos::whole_file(file_name),
                "this is not a zip archive that can be read: " + what, hint);
  }
  [[noreturn]] void damaged(const std::string& what) const {
    fail(what, "The file is truncated or damaged; copy or write it again.");
  }

  std::uint64_t number(std::uint64_t at, int size) const {
    if (at > bytes.size() || bytes.size() - at < static_cast<std::uint64_t>(size)) damaged("it is cut off");
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    return value;
  }

  std::string text(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes.size() || size > bytes.size() - at) damaged("it is cut off");
    return bytes.substr(at, size);
  }

  std::uint64_t end_record() const {
    for (std::uint64_t back = kEndSize; back <= bytes.size() && back <= kEndSize + 0xFFFF; ++back)
      if (number(bytes.size() - back, 4) == kEnd) return bytes.size() - back;
    damaged("it has no list of its files at the end");
  }

  /// Number of entries and offset of the first record.
  std::pair<std::uint64_t, std::uint64_t> directory() const {
    const std::uint64_t end = end_record();
    if (end < kLocatorSize || number(end - kLocatorSize, 4) != kLocator64)
      return {number(end + 10, 2), number(end + 16, 4)};
    const std::uint64_t end64 = number(end - kLocatorSize + 8, 8);
    if (number(end64, 4) != kEnd64) damaged("its zip64 record is not where it should be");
    return {number(end64 + 32, 8), number(end64 + 48, 8)};
  }

  /// Sizes that do not fit into 4 bytes stand in the extra field 1, in this order.
  void read_wide(Entry& entry, std::uint64_t at, std::uint64_t size) const {
    for (std::uint64_t end = at + size; at + 4 <= end; at += 4 + number(at + 2, 2)) {
      if (number(at, 2) != 1) continue;
      std::uint64_t next = at + 4;
      for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.offset}) {
        if (*value != kWide) continue;
        *value = number(next, 8);
        next += 8;
      }
    }
  }

  Entry read_entry(std::uint64_t& at) const {
    if (number(at, 4) != kCentral) damaged("its list of files is broken");
    Entry entry;
    entry.flags = number(at + 8, 2);
    entry.method = number(at + 10, 2);
    entry.crc = number(at + 16, 4);
    entry.packed = number(at + 20, 4);
    entry.size = number(at + 24, 4);
    entry.offset = number(at + 42, 4);
    const std::uint64_t n_name = number(at + 28, 2), n_extra = number(at + 30, 2), n_comment = number(at + 32, 2);
    entry.name = text(at + kCentralSize, n_name);
    read_wide(entry, at + kCentralSize + n_name, n_extra);
    at += kCentralSize + n_name + n_extra + n_comment;
    return entry;
  }

  void require_plain(const Entry& entry) const {
    const std::string who = "'" + entry.name + "' ";
    if ((entry.flags & 1) != 0) fail(who + "is encrypted", "write it without a password");
    if (entry.method != 0)
      fail(who + "is compressed", "write it uncompressed: numpy.savez instead of numpy.savez_compressed");
  }

  /// Where the content of an entry begins.
  std::uint64_t start_of(const Entry& entry) const {
    if (number(entry.offset, 4) != kLocal) damaged("'" + entry.name + "' is not where it should be");
    return entry.offset + kLocalSize + number(entry.offset + 26, 2) + number(entry.offset + 28, 2);
  }

  /// Every byte belongs to one entry at most: a small file cannot hold much.
  void refuse_overlaps(std::vector<Entry> entries) const {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.offset < b.offset; });
    std::uint64_t end = 0;
    for (const Entry& entry : entries) {
      if (entry.offset < end) damaged("'" + entry.name + "' overlaps another file in it");
      const std::uint64_t start = start_of(entry);
      if (start > bytes.size() || entry.size > bytes.size() - start) damaged("'" + entry.name + "' is cut off");
      end = start + entry.size;
    }
  }

  std::string content(const Entry& entry) const {
    std::string found = text(start_of(entry), entry.size);
    if (crc32(found.data(), found.size()) != entry.crc) damaged("the checksum of '" + entry.name + "' is wrong");
    return found;
  }

  std::vector<Entry> list() const {
    auto [n_entries, at] = directory();
    std::vector<Entry> entries;
    for (std::uint64_t k = 0; k < n_entries; ++k) entries.push_back(read_entry(at));
    return entries;
  }
};

void append(std::string& bytes, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) {
    bytes += static_cast<char>(value & 0xFF);
    value >>= 8;
  }
}

/// What local header and directory share: version, flags (UTF-8 names), method, 1980-01-01, checksum, sizes, name.
std::string description(const ZipEntry& entry) {
  std::string bytes;
  append(bytes, 20, 2);
  append(bytes, 0x800, 2);
  append(bytes, 0, 4);
  append(bytes, 0x21, 2);
  append(bytes, crc32(entry.second.data(), entry.second.size()), 4);
  append(bytes, entry.second.size(), 4);
  append(bytes, entry.second.size(), 4);
  append(bytes, entry.first.size(), 2);
  append(bytes, 0, 2);
  return bytes;
}

}  // namespace

std::vector<ZipEntry> read_zip(const std::string& bytes, const std::string& file_name) {
  const Reader reader{bytes, file_name};
  const std::vector<Entry> list = reader.list();
  for (const Entry& entry : list) reader.require_plain(entry);
  reader.refuse_overlaps(list);
  std::vector<ZipEntry> entries;
  for (const Entry& entry : list) entries.emplace_back(entry.name, reader.content(entry));
  return entries;
}

std::vector<std::string> zip_names(const std::string& bytes, const std::string& file_name) {
  std::vector<std::string> names;
  for (const Entry& entry : Reader{bytes, file_name}.list()) names.push_back(entry.name);
  return names;
}

std::string write_zip(const std::vector<ZipEntry>& entries) {
  std::string bytes, directory;
  for (const ZipEntry& entry : entries) {
    const std::string shared = description(entry);
    append(directory, kCentral, 4);
    append(directory, 20, 2);
    directory += shared;
    append(directory, 0, 10);  // comment, disk, attributes
    append(directory, bytes.size(), 4);
    directory += entry.first;
    append(bytes, kLocal, 4);
    bytes += shared + entry.first + entry.second;
    if (bytes.size() + directory.size() > kWide - 0xFFFF)
      throw Error(ErrorKind::resources, "too-large", "a zip archive of more than 4 GB is not written",
                  "write safetensors instead");
  }
  const std::size_t start = bytes.size();
  bytes += directory;
  append(bytes, kEnd, 4);
  append(bytes, 0, 4);
  append(bytes, entries.size(), 2);
  append(bytes, entries.size(), 2);
  append(bytes, directory.size(), 4);
  append(bytes, start, 4);
  append(bytes, 0, 2);
  return bytes;
}

}  // namespace kiln
