#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "gatehouse/base/error.h"

namespace gatehouse::store {

// A file in memory. Movable; unmapped and closed with its end. What one thread writes into the mapping outlives the
// process without a system call: the pages belong to the kernel.
class MappedFile {
 public:
  // A new file of mode 0600, its blocks allocated, so that writing into the mapping can never find the disk full (which
  // would be a SIGBUS). Errors: io.
  static Result<MappedFile> create(const std::string& path, std::size_t size);
  // A file that is there, to read. At most `max_size` bytes. Errors: io; too_large.
  static Result<MappedFile> read(const std::string& path, std::size_t max_size);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        fd_(std::exchange(other.fd_, -1)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(fd_, other.fd_);
    return *this;
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  char* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<const char> bytes() const { return {data_, size_}; }
  // Waits until what was written is on the disk. Errors: io.
  Result<> sync() const;

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  int fd_ = -1;
};

}  // namespace gatehouse::store
