#include "gatehouse/providers/kinds.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace gatehouse::providers {
namespace {

TEST(Kinds, every_kind_can_be_found_and_reached) {
  std::set<std::string_view> names;
  for (const Kind& kind : kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_EQ(find_kind(kind.name), &kind);
    // A default address has the form that configuration gives it, too: with a scheme, without a slash at the end.
    if (!kind.base_url.empty()) {
      EXPECT_TRUE(kind.base_url.starts_with("https://")) << kind.name;
      EXPECT_FALSE(kind.base_url.ends_with("/")) << kind.name;
    }
    if (kind.in_process) EXPECT_TRUE(kind.base_url.empty());
    if (kind.key_required) EXPECT_NE(kind.auth, Auth::none);
  }
  EXPECT_EQ(find_kind("openaI"), nullptr);
  EXPECT_TRUE(find_kind("sandbox")->in_process);
  EXPECT_EQ(find_kind("openai")->auth, Auth::bearer);
}

}  // namespace
}  // namespace gatehouse::providers
