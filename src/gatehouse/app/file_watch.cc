#include "gatehouse/app/file_watch.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace gatehouse::app {
namespace {

void append_stat(std::string& out, const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    out.append(path).append(" absent\n");
    return;
  }
  out.append(
      fmt::format("{} {} {} {}.{}\n", path, info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec));
}

}  // namespace

std::string FileWatch::fingerprint() const {
  std::string out;
  for (const auto& path : paths_) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      append_stat(out, path);
      continue;
    }
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
    }
    std::ranges::sort(files);
    for (const auto& file : files) append_stat(out, file);
  }
  return out;
}

void FileWatch::watch(std::vector<std::string> paths) {
  paths_ = std::move(paths);
  settled_ = last_ = fingerprint();
}

bool FileWatch::changed() {
  std::string now = fingerprint();
  const bool stable = now == last_;
  last_ = std::move(now);
  if (!stable || last_ == settled_) return false;
  settled_ = last_;
  return true;
}

}  // namespace gatehouse::app
