#include "gatehouse/app/commands/text_input.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace gatehouse::app {
namespace {

constexpr std::size_t kMostRead = std::size_t{256} << 20U;

}  // namespace

Result<std::string> read_input(const std::string& path) {
  const bool standard = path == "-";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(nullptr, std::fclose);
  if (!standard) opened.reset(std::fopen(path.c_str(), "rb"));
  std::FILE* file = standard ? stdin : opened.get();
  if (file == nullptr) return fail(Code::io, path + ": " + std::strerror(errno));
  std::string text;
  std::vector<char> buffer(std::size_t{1} << 16U);
  for (;;) {
    const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file);
    text.append(buffer.data(), got);
    if (got < buffer.size()) break;
    if (text.size() > kMostRead) return fail(Code::too_large, path + ": more than 256 MiB");
  }
  if (std::ferror(file) != 0) return fail(Code::io, path + ": cannot be read");
  return text;
}

}  // namespace gatehouse::app
