#include "gatehouse/config/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

struct Descriptor {
  int fd;
  explicit Descriptor(int value) : fd(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

std::unexpected<std::string> system_error() {
  return std::unexpected(std::error_code(errno, std::generic_category()).message());
}

}  // namespace

std::expected<FileText, std::string> read_file(const std::string& path, std::size_t most) {
  if (path.find('\0') != path.npos) return std::unexpected("its name holds a zero byte");
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.fd < 0) return system_error();
  struct stat status{};
  if (::fstat(file.fd, &status) != 0) return system_error();
  if (S_ISDIR(status.st_mode)) return std::unexpected("it is a directory");
  if (!S_ISREG(status.st_mode)) return std::unexpected("it is not a regular file");
  FileText result;
  result.world_readable = (status.st_mode & S_IROTH) != 0;
  // In one piece where the size is known: models are tens of megabytes.
  if (status.st_size > 0) result.bytes.reserve(std::min(static_cast<std::size_t>(status.st_size), most));
  char chunk[65536];
  while (true) {
    const auto got = ::read(file.fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error();
    if (got == 0) return result;
    if (result.bytes.size() + static_cast<std::size_t>(got) > most) {
      return std::unexpected(fmt::format("it is larger than {} bytes", most));
    }
    result.bytes.append(chunk, static_cast<std::size_t>(got));
  }
}

}  // namespace gatehouse::config
