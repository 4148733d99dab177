// Where an answer's texts come from, and how likely they were: the parts of Decoder that few answers need.
#include <utility>

#include "gatehouse/dialects/gemini/decoder.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::ChatEvent;
using llm::Citation;
using EventKind = llm::ChatEvent::Kind;

constexpr std::size_t kMostSources = 1024;
constexpr std::size_t kMostTokens = 65'536;

std::vector<Citation> read_sources(std::string_view chunks) {
  std::vector<Citation> sources;
  json::walk_array(chunks, [&](const json::Element& element) {
    if (sources.size() >= kMostSources) return;
    Citation citation;
    json::walk_object(element.value, [&](const json::Member& member) {
      if (member.key != "web" && member.key != "retrievedContext" && member.key != "maps" && member.key != "image") {
        return;
      }
      const json::Value inside(member.value);
      citation.url = inside["uri"].string_or("");
      if (citation.url.empty()) citation.url = inside["sourceUri"].string_or("");
      citation.title = inside["title"].string_or("");
      if (member.key == "retrievedContext") citation.cited_text = inside["text"].string_or("");
    });
    citation.verbatim = {.dialect = llm::Dialect::gemini, .json = std::string(element.value)};
    sources.push_back(std::move(citation));
  });
  return sources;
}

llm::TokenLogprob read_token(std::string_view raw) {
  llm::TokenLogprob token;
  Cursor cursor(raw);
  members(cursor, [&](const Name& name) {
    if (name == "token") return take_text(cursor, token.token);
    const std::string_view value = take(cursor);
    if (name == "logProbability") token.logprob = json::read_number(value).value_or(0);
    return !value.empty();
  });
  return token;
}

}  // namespace

std::optional<std::uint64_t> Decoder::code_point(const Candidate& at, std::uint64_t byte) const {
  return byte < at.before ? std::nullopt : at.places.code_point_of(byte - at.before);
}

// With the text that is open, or with an empty one behind the last.
void Decoder::cite(Candidate& at, Events& out) {
  const std::string grounding = std::exchange(at.grounding, {});
  const std::string citations = std::exchange(at.citations, {});
  if (!grounding.empty()) {
    tell("candidates[" + std::to_string(at.index) + "].groundingMetadata", grounding, out);
    cite_grounding(at, grounding, out);
  }
  if (!citations.empty()) cite_recitation(at, citations, out);
}

void Decoder::cite(Candidate& at, Citation&& citation, std::optional<std::uint64_t> begin,
                   std::optional<std::uint64_t> end, Events& out) {
  if (at.open != Open::text) open(at, Open::text, nullptr, out);
  if (begin && end && *begin <= *end) {
    citation.begin = code_point(at, *begin);
    citation.end = code_point(at, *end);
    if (!citation.begin || !citation.end) citation.begin = citation.end = std::nullopt;
  }
  ChatEvent said = event(EventKind::citation, at);
  said.block_kind = llm::BlockKind::text;
  said.citation = &said_citations_.emplace_back(std::move(citation));
  out.push_back(said);
}

void Decoder::cite_grounding(Candidate& at, std::string_view raw, Events& out) {
  const std::vector<Citation> sources = read_sources(json::find(raw, "groundingChunks"));
  if (sources.empty()) return;
  std::size_t said = 0;
  json::walk_array(json::find(raw, "groundingSupports"), [&](const json::Element& support) {
    const json::Value segment = json::Value(support.value)["segment"];
    const auto end = count_of(segment["endIndex"].raw());
    const auto begin = end ? std::optional(count_of(segment["startIndex"].raw()).value_or(0)) : std::nullopt;
    const std::string text = segment["text"].string_or("");
    json::walk_array(json::find(support.value, "groundingChunkIndices"), [&](const json::Element& index) {
      const auto which = count_of(index.value);
      if (!which || *which >= sources.size() || said >= kMostSources) return;
      ++said;
      cite(at, Citation(sources[*which]), begin, end, out);
    });
  });
  if (said > 0) return;
  for (const Citation& source : sources) cite(at, Citation(source), std::nullopt, std::nullopt, out);
}

// What the model repeats of others' works (citationMetadata).
void Decoder::cite_recitation(Candidate& at, std::string_view raw, Events& out) {
  std::string_view list = json::find(raw, "citations");
  if (list.empty()) list = json::find(raw, "citationSources");
  std::size_t said = 0;
  json::walk_array(list, [&](const json::Element& element) {
    if (++said > kMostSources) return;
    const json::Value source(element.value);
    Citation citation;
    citation.url = source["uri"].string_or("");
    citation.title = source["title"].string_or("");
    citation.verbatim = {.dialect = llm::Dialect::gemini, .json = std::string(element.value)};
    const auto end = count_of(source["endIndex"].raw());
    const auto begin = end ? std::optional(count_of(source["startIndex"].raw()).value_or(0)) : std::nullopt;
    cite(at, std::move(citation), begin, end, out);
  });
}

void Decoder::logprobs(Candidate& at, std::string_view raw, Events& out) {
  if (at.open != Open::text) {
    tell("candidates[" + std::to_string(at.index) + "].logprobsResult", raw, out);
    return;
  }
  std::vector<llm::TokenLogprob> tokens;
  json::walk_array(json::find(raw, "chosenCandidates"), [&](const json::Element& element) {
    if (tokens.size() < kMostTokens) tokens.push_back(read_token(element.value));
  });
  std::size_t position = 0;
  json::walk_array(json::find(raw, "topCandidates"), [&](const json::Element& element) {
    if (position >= tokens.size()) return;
    llm::TokenLogprob& token = tokens[position++];
    json::walk_array(json::find(element.value, "candidates"), [&](const json::Element& top) {
      if (token.top.size() >= 64) return;
      llm::TokenLogprob read = read_token(top.value);
      token.top.push_back({.token = std::move(read.token), .logprob = read.logprob});
    });
  });
  if (tokens.empty()) return;
  ChatEvent said = event(EventKind::logprobs, at);
  said.block_kind = llm::BlockKind::text;
  said.logprobs = &logprobs_.emplace_back(std::move(tokens));
  out.push_back(said);
}

}  // namespace gatehouse::dialects::gemini
