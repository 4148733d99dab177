#include "gatehouse/store/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace gatehouse::store {
namespace {

std::unexpected<Error> failed(const std::string& path, int error) {
  return fail(Code::io, fmt::format("store: {}: {}", path, std::error_code(error, std::generic_category()).message()));
}

}  // namespace

Result<MappedFile> MappedFile::create(const std::string& path, std::size_t size) {
  MappedFile file;
  file.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file.fd_ < 0) return failed(path, errno);
  if (const int error = ::posix_fallocate(file.fd_, 0, static_cast<off_t>(size)); error != 0) {
    return failed(path, error);
  }
  void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd_, 0);
  if (data == MAP_FAILED) return failed(path, errno);
  file.data_ = static_cast<char*>(data);
  file.size_ = size;
  return file;
}

Result<MappedFile> MappedFile::read(const std::string& path, std::size_t max_size) {
  MappedFile file;
  file.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file.fd_ < 0) return failed(path, errno);
  struct stat status{};
  if (::fstat(file.fd_, &status) != 0) return failed(path, errno);
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > max_size) {
    return fail(Code::too_large, fmt::format("store: {}: larger than a journal's file may be", path));
  }
  if (status.st_size == 0) return file;
  void* data = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_SHARED, file.fd_, 0);
  if (data == MAP_FAILED) return failed(path, errno);
  file.data_ = static_cast<char*>(data);
  file.size_ = static_cast<std::size_t>(status.st_size);
  return file;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
  if (fd_ >= 0) ::close(fd_);
}

Result<> MappedFile::sync() const {
  if (fd_ >= 0 && ::fdatasync(fd_) != 0) {
    return fail(Code::io, "store: a file of the journal cannot be synced: " +
                              std::error_code(errno, std::generic_category()).message());
  }
  return {};
}

}  // namespace gatehouse::store
