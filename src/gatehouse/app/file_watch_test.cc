#include "gatehouse/app/file_watch.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "gatehouse/net/test_support.h"

namespace gatehouse::app {
namespace {

using net::testing::TempDir;

// A change counts at the second look that sees it.
void expect_one_change(FileWatch& watch) {
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST(FileWatch, AFileThatChangesComesAndGoes) {
  const TempDir dir;
  const auto path = dir.write("a.yaml", "one");
  FileWatch watch;
  watch.watch({path});
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed());
  dir.write("a.yaml", "longer");
  expect_one_change(watch);
  std::filesystem::remove(path);
  expect_one_change(watch);
  dir.write("a.yaml", "back");
  expect_one_change(watch);
}

TEST(FileWatch, WhatIsStillBeingWrittenIsWaitedFor) {
  const TempDir dir;
  FileWatch watch;
  watch.watch({dir.write("a.yaml", "1")});
  for (const auto* growing : {"12", "123", "1234"}) {
    dir.write("a.yaml", growing);
    EXPECT_FALSE(watch.changed());
  }
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST(FileWatch, AChangeThatIsTakenBackIsNone) {
  const TempDir dir;
  const auto path = dir.file("gone.yaml");
  FileWatch watch;
  watch.watch({path});
  dir.write("gone.yaml", "1");
  EXPECT_FALSE(watch.changed());
  std::filesystem::remove(path);
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST(FileWatch, AFolderCountsByItsYamlFiles) {
  const TempDir dir;
  dir.write("a.yaml", "1");
  FileWatch watch;
  watch.watch({std::filesystem::path(dir.file("a.yaml")).parent_path().string()});
  dir.write("notes.txt", "1");
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed());
  dir.write("b.yaml", "1");
  expect_one_change(watch);
}

TEST(FileWatch, ALinkThatIsSwappedAsKubernetesDoes) {
  const TempDir dir;
  dir.write("one", "same");
  dir.write("two", "same");
  std::filesystem::create_symlink(dir.file("one"), dir.file("current"));
  FileWatch watch;
  watch.watch({dir.file("current")});
  std::filesystem::create_symlink(dir.file("two"), dir.file("next"));
  std::filesystem::rename(dir.file("next"), dir.file("current"));
  expect_one_change(watch);
}

}  // namespace
}  // namespace gatehouse::app
