#include "gatehouse/dialects/embeddings/purpose.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace gatehouse::dialects {
namespace {

using enum EmbeddingPurpose;

struct Row {
  EmbeddingPurpose purpose;
  std::string_view gemini;
  std::string_view cohere;
};
// Cohere knows fewer: what looks something up is a query, the rest a document.
constexpr std::array<Row, 9> kRows = {{{untold, "", "search_document"},
                                       {document, "RETRIEVAL_DOCUMENT", "search_document"},
                                       {query, "RETRIEVAL_QUERY", "search_query"},
                                       {similarity, "SEMANTIC_SIMILARITY", "search_document"},
                                       {classification, "CLASSIFICATION", "classification"},
                                       {clustering, "CLUSTERING", "clustering"},
                                       {question, "QUESTION_ANSWERING", "search_query"},
                                       {facts, "FACT_VERIFICATION", "search_query"},
                                       {code, "CODE_RETRIEVAL_QUERY", "search_query"}}};

struct Name {
  std::string_view name;
  EmbeddingPurpose purpose;
};
constexpr std::array<Name, 10> kOthers = {{{"passage", document},
                                           {"document", document},
                                           {"retrieval.passage", document},
                                           {"query", query},
                                           {"retrieval.query", query},
                                           {"text-matching", similarity},
                                           {"separation", clustering},
                                           {"search_document", document},
                                           {"search_query", query},
                                           {"code.query", code}}};

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

std::string_view task_type(EmbeddingPurpose purpose) { return kRows[static_cast<std::size_t>(purpose)].gemini; }
std::string_view input_type(EmbeddingPurpose purpose) { return kRows[static_cast<std::size_t>(purpose)].cohere; }

EmbeddingPurpose purpose_from_name(std::string_view name) {
  for (const Name& one : kOthers) {
    if (same(one.name, name)) return one.purpose;
  }
  for (const Row& row : kRows) {
    if (!row.gemini.empty() && same(row.gemini, name)) return row.purpose;
  }
  return untold;
}

}  // namespace gatehouse::dialects
