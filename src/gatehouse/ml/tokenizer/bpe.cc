#include "gatehouse/ml/tokenizer/bpe.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

// Words of no more symbols are merged without a heap.
constexpr std::size_t kFew = 32;

std::unexpected<Error> bad(std::string_view what) { return fail(Code::configuration, fmt::format("model: {}", what)); }

std::size_t length_of(char lead) {
  const auto byte = static_cast<std::uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// A heap's order: the lowest rank first, of equal ones what stands first.
bool later(const WordScratch::Merge& a, const WordScratch::Merge& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.place > b.place;
}

}  // namespace

MergeTable::MergeTable(std::size_t count) : cells_(std::bit_ceil(2 * count + 2)), mask_(cells_.size() - 1) {}

void MergeTable::put(std::int32_t left, std::int32_t right, Merge merge) {
  const std::uint64_t key = key_of(left, right);
  std::size_t at = slot(key);
  while (cells_[at].key != key && cells_[at].key != kEmpty) at = (at + 1) & mask_;
  cells_[at] = {key, merge};
}

Result<std::unique_ptr<Bpe>> Bpe::parse(const json::Value& model, const Reserved& reserved) {
  if (const auto dropout = model["dropout"].number(); dropout && *dropout != 0) {
    return bad("dropout makes tokens random, which is not supported");
  }
  auto entries = Vocabulary::read(model["vocab"]);
  if (!entries) return bad(entries.error().detail);
  auto vocabulary = Vocabulary::make(*entries, reserved);
  if (!vocabulary) return bad(vocabulary.error().detail);
  entries->clear();
  entries->shrink_to_fit();

  auto made = std::make_unique<Bpe>();
  made->vocabulary_ = std::move(*vocabulary);
  if (const auto unknown = model["unk_token"].string()) made->unknown_ = made->vocabulary_.find(*unknown).value_or(-1);
  const std::string prefix = model["continuing_subword_prefix"].string_or("");
  made->inside_ = made->vocabulary_.trie().walk(Trie::kRoot, prefix);
  made->suffix_ = model["end_of_word_suffix"].string_or("");
  made->byte_fallback_ = model["byte_fallback"].boolean().value_or(false);
  made->fuse_unknown_ = model["fuse_unk"].boolean().value_or(false);
  made->ignore_merges_ = model["ignore_merges"].boolean().value_or(false);
  for (std::size_t byte = 0; byte < made->bytes_.size(); ++byte) {
    made->bytes_[byte] = made->vocabulary_.find(fmt::format("<0x{:02X}>", byte)).value_or(-1);
  }
  if (auto merges = made->read_merges(model["merges"], prefix); !merges) {
    return std::unexpected(std::move(merges.error()));
  }
  return made;
}

Result<> Bpe::read_merges(const json::Value& merges, std::string_view prefix) {
  if (!merges.is(json::Kind::array)) return bad("merges: a list is needed");
  const std::size_t count = merges.size();
  if (count > kMostMerges) return bad("merges: too many");
  merges_ = MergeTable(count);
  std::string problem;
  std::uint32_t rank = 0;
  std::string joined;
  merges.elements([&](json::Value value) {
    if (!problem.empty()) return;
    std::string left;
    std::string right;
    if (value.is(json::Kind::string)) {  // "a b"
      const std::string both = value.string_or("");
      if (both.starts_with("#version")) return;
      const std::size_t space = both.find(' ');
      if (space == std::string::npos || both.find(' ', space + 1) != std::string::npos) {
        problem = "merges: one is no pair";
        return;
      }
      left = both.substr(0, space);
      right = both.substr(space + 1);
    } else {
      std::size_t place = 0;
      value.elements([&](json::Value element) {
        if (place < 2) (place == 0 ? left : right) = element.string_or("");
        ++place;
      });
      if (place != 2) {
        problem = "merges: one is no pair";
        return;
      }
    }
    const auto first = vocabulary_.find(left);
    const auto second = vocabulary_.find(right);
    if (!first || !second || right.size() < prefix.size()) {
      problem = fmt::format("merges: `{}` or `{}` is not in the vocabulary", text::safe_excerpt(left, 64),
                            text::safe_excerpt(right, 64));
      return;
    }
    joined.assign(left).append(right, prefix.size());
    const auto id = vocabulary_.trie().find(joined);
    if (!id) {
      problem = fmt::format("merges: `{}` is not in the vocabulary", text::safe_excerpt(joined, 64));
      return;
    }
    // A pair that would make a reserved token is left as two.
    if (Vocabulary::readable(*id)) merges_.put(*first, *second, {rank, *id});
    ++rank;
  });
  if (!problem.empty()) return bad(problem);
  return {};
}

void Bpe::read_symbols(std::string_view word, std::vector<WordScratch::Symbol>& symbols) const {
  const Trie& trie = vocabulary_.trie();
  symbols.clear();
  const auto add = [&](std::int32_t id, std::size_t begin, std::size_t end) {
    const auto place = static_cast<std::int32_t>(symbols.size());
    symbols.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), place - 1, place + 1});
  };
  // Unknown characters that wait to be joined by others.
  std::size_t unknown_begin = 0;
  std::size_t unknown_end = 0;
  const auto add_unknown = [&] {
    if (unknown_end > unknown_begin) add(unknown_, unknown_begin, unknown_end);
    unknown_begin = unknown_end = 0;
  };
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t begin = at;
    at += length_of(word[at]);
    std::int32_t state = begin == 0 ? Trie::kRoot : inside_;
    state = trie.walk(state, word.substr(begin, at - begin));
    if (at == word.size()) state = trie.walk(state, suffix_);
    const std::int32_t id = state == Trie::kNone ? Trie::kNone : trie.value(state);
    if (Vocabulary::readable(id)) {
      add_unknown();
      add(id, begin, at);
      continue;
    }
    if (byte_fallback_) {
      const bool all = std::ranges::all_of(word.substr(begin, at - begin),
                                           [&](char byte) { return bytes_[static_cast<std::uint8_t>(byte)] >= 0; });
      if (all) {
        add_unknown();  // the reference puts it behind; a vocabulary with all bytes, as it should be, never has one
        for (std::size_t i = begin; i < at; ++i) add(bytes_[static_cast<std::uint8_t>(word[i])], i, i + 1);
        continue;
      }
    }
    if (unknown_ < 0) continue;
    if (!fuse_unknown_) add_unknown();
    if (unknown_end == 0) unknown_begin = begin;
    unknown_end = at;
  }
  add_unknown();
  if (!symbols.empty()) symbols.back().behind = -1;
}

void Bpe::merge_few(std::vector<WordScratch::Symbol>& symbols) const {
  constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();
  std::array<MergeTable::Merge, kFew> pairs;
  std::size_t count = symbols.size();
  const auto look = [&](std::size_t i) {
    MergeTable::Merge merge = merges_.find(symbols[i].id, symbols[i + 1].id);
    if (merge.id < 0) merge.rank = kNever;
    pairs[i] = merge;
  };
  for (std::size_t i = 0; i + 1 < count; ++i) look(i);
  while (count > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < count; ++i) {
      if (pairs[i].rank < pairs[best].rank) best = i;
    }
    if (pairs[best].rank == kNever) break;
    symbols[best].id = pairs[best].id;
    symbols[best].end = symbols[best + 1].end;
    for (std::size_t i = best + 1; i + 1 < count; ++i) {
      symbols[i] = symbols[i + 1];
      if (i + 2 < count) pairs[i] = pairs[i + 1];
    }
    --count;
    if (best > 0) look(best - 1);
    if (best + 1 < count) look(best);
  }
  symbols.resize(count);
}

void Bpe::merge_many(WordScratch& scratch) const {
  auto& symbols = scratch.symbols;
  auto& heap = scratch.merges;
  heap.clear();
  const auto push = [&](std::int32_t place) {
    const WordScratch::Symbol& symbol = symbols[static_cast<std::size_t>(place)];
    if (symbol.behind < 0) return;
    const MergeTable::Merge merge = merges_.find(symbol.id, symbols[static_cast<std::size_t>(symbol.behind)].id);
    if (merge.id < 0) return;
    heap.push_back({merge.rank, static_cast<std::uint32_t>(place), merge.id});
    std::ranges::push_heap(heap, later);
  };
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) push(static_cast<std::int32_t>(i));
  while (!heap.empty()) {
    std::ranges::pop_heap(heap, later);
    const WordScratch::Merge top = heap.back();
    heap.pop_back();
    WordScratch::Symbol& left = symbols[top.place];
    if (left.id < 0 || left.behind < 0) continue;  // gone, or at the end
    WordScratch::Symbol& right = symbols[static_cast<std::size_t>(left.behind)];
    if (merges_.find(left.id, right.id).id != top.id) continue;  // another pair by now
    left.id = top.id;
    left.end = right.end;
    left.behind = right.behind;
    right.id = -1;
    if (left.behind >= 0) symbols[static_cast<std::size_t>(left.behind)].before = static_cast<std::int32_t>(top.place);
    if (left.before >= 0) push(left.before);
    push(static_cast<std::int32_t>(top.place));
  }
  std::erase_if(symbols, [](const WordScratch::Symbol& symbol) { return symbol.id < 0; });
}

void Bpe::encode(std::string_view word, WordScratch& scratch, std::vector<Piece>& out) const {
  if (ignore_merges_) {
    if (const auto whole = vocabulary_.trie().find(word); whole && Vocabulary::readable(*whole)) {
      out.push_back({*whole, 0, static_cast<std::uint32_t>(word.size())});
      return;
    }
  }
  read_symbols(word, scratch.symbols);
  if (scratch.symbols.size() <= kFew) {
    merge_few(scratch.symbols);
  } else {
    merge_many(scratch);
  }
  for (const WordScratch::Symbol& symbol : scratch.symbols) out.push_back({symbol.id, symbol.begin, symbol.end});
}

}  // namespace gatehouse::ml::tokenizer
