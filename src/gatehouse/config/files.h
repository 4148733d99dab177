#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace gatehouse::config {

struct FileText {
  std::string bytes;
  bool world_readable = false;
};

// The whole of a regular file of at most `most` bytes. Never waits on a pipe or a device. The error is a phrase for a
// message, as in "cannot be read: PHRASE".
std::expected<FileText, std::string> read_file(const std::string& path, std::size_t most);

}  // namespace gatehouse::config
