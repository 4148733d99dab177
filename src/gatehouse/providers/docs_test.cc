#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "gatehouse/providers/kinds.h"
#include "gatehouse/providers/quirks.h"

// docs/providers.md shows the tables of this room: here the two are held against each other.
namespace gatehouse::providers {
namespace {

constexpr std::string_view kBegin = "<!-- tables: generated, do not edit -->\n";
constexpr std::string_view kEnd = "<!-- end of tables -->\n";

std::string credential_of(const Kind& kind) {
  const auto& row = config::row_of(kind.kind);
  std::string out;
  const auto add = [&](std::string_view text) { out += (out.empty() ? "" : ", ") + std::string(text); };
  if (kind.in_process) return "none";
  switch (kind.surfaces[0].auth) {
    case Auth::bearer:
      add(kind.kind == config::ProviderKind::watsonx ? "token for `api_key`" : "`api_key` as Bearer");
      break;
    case Auth::api_key_header:
      add("`api_key` as `api-key`");
      break;
    case Auth::x_api_key:
      add("`api_key` as `x-api-key`");
      break;
    case Auth::x_goog_api_key:
      add("`api_key` as `x-goog-api-key`");
      break;
    case Auth::none:
    case Auth::aws_v4:
      break;
  }
  if ((row.takes & config::kCredentials) != 0) add("`credentials`");
  if ((row.takes & config::kMetadata) != 0) add("`metadata_endpoint`");
  if ((row.takes & config::kAws) != 0) add("`aws` (signed)");
  if (row.has_token_url && kind.kind != config::ProviderKind::watsonx) add("`oauth`");
  if (!row.is_hosted) out += "; or none";
  return out;
}

std::string operations_of(const Kind& kind) {
  using enum llm::Operation;
  if (kind.operations == (1U << llm::kOperationCount) - 1) return "all that it answers";
  std::string out;
  for (const auto operation :
       {completions, embeddings, moderations, images, audio, rerank, files, batches, count_tokens, realtime}) {
    if ((kind.operations & bit(operation)) != 0) out += (out.empty() ? "" : ", ") + std::string(llm::name(operation));
  }
  return out;
}

std::string tables() {
  std::string out = "| kind | base URL | speaks | besides conversations | credential |\n|---|---|---|---|---|\n";
  for (const Kind& kind : kinds()) {
    std::string speaks;
    for (const Surface& surface : kind.speaks()) {
      speaks += (speaks.empty() ? "`" : ", `") + std::string(llm::name(surface.dialect)) + "`";
    }
    const std::string_view url = config::row_of(kind.kind).base_url;
    out +=
        "| `" + std::string(kind.name()) + "` | " +
        (url.empty() ? std::string(kind.in_process ? "in the process" : "to be given") : "`" + std::string(url) + "`") +
        " | " + speaks + " | " + operations_of(kind) + " | " + credential_of(kind) + " |\n";
  }
  out += "\n| `quirks` | |\n|---|---|\n";
  for (const NamedQuirk& quirk : named_quirks()) {
    out += "| `" + std::string(quirk.name) + "` | " + std::string(quirk.meaning) + " |\n";
  }
  return out;
}

TEST(Documentation, HoldsTheTables) {
  const std::string path = std::string(GATEHOUSE_SOURCE_DIR) + "/docs/providers.md";
  std::ostringstream read;
  read << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string text = read.str();
  const auto begin = text.find(kBegin);
  const auto end = text.find(kEnd);
  ASSERT_NE(begin, text.npos);
  ASSERT_NE(end, text.npos);
  const auto from = begin + kBegin.size();
  if (std::getenv("GATEHOUSE_UPDATE_DOCS") != nullptr) {
    std::ofstream(path, std::ios::binary) << text.substr(0, from) << tables() << text.substr(end);
    return;
  }
  EXPECT_TRUE(text.substr(from, end - from) == tables())
      << "docs/providers.md is not what kinds.cc says; regenerate it:\n"
         "  GATEHOUSE_UPDATE_DOCS=1 providers_test --gtest_filter=Documentation.HoldsTheTables";
}

}  // namespace
}  // namespace gatehouse::providers
