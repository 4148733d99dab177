#pragma once

#include <string>
#include <vector>

namespace gatehouse::app {

// Sees that files changed, by asking for their size, time and inode: works through the symbolic links that Kubernetes
// swaps, and on file systems that tell nobody. A change counts once it is the same at two looks in a row, so that a
// file being written is not read half. One thread; blocks on stat only.
class FileWatch {
 public:
  // Files, or folders (whose *.yaml files count).
  void watch(std::vector<std::string> paths);
  // To be called about once a second. True when something is different from the last `watch` or `true`.
  bool changed();

 private:
  std::string fingerprint() const;
  std::vector<std::string> paths_;
  std::string settled_;
  std::string last_;
};

}  // namespace gatehouse::app
