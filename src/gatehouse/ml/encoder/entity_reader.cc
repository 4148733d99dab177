#include "gatehouse/ml/encoder/entity_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace gatehouse::ml {
namespace {

std::size_t index_in(std::vector<std::string>& list, std::string_view text) {
  const auto found = std::ranges::find(list, text);
  if (found != list.end()) return static_cast<std::size_t>(found - list.begin());
  list.emplace_back(text);
  return list.size() - 1;
}

// Punctuation between two words of one name: O'Neil, Smith-Jones, J.K.; at most a character of three bytes.
constexpr std::uint32_t kLongestJoint = 3;

}  // namespace

// A word of the window and what it is.
struct EntityReader::Word {
  std::uint32_t begin = 0;  // bytes
  std::uint32_t end = 0;
  std::size_t first = 0;  // tokens
  std::size_t behind = 0;
  std::size_t entity = 0;
  std::size_t part = 0;
  bool begins = false;
  bool punctuation = false;  // nothing else
  float score = 0;
};

EntityReader::EntityReader(std::vector<EntityLabel> labels) {
  std::vector<std::string> names;
  std::vector<std::string> parts;
  for (const EntityLabel& label : labels) {
    Label ours;
    if (!label.entity.empty()) ours.entity = index_in(names, label.entity) + 1;
    ours.part = index_in(parts, label.part);
    ours.begins = label.begins;
    labels_.push_back(ours);
  }
  of_parts_.push_back(false);
  for (const std::string& name : names) of_parts_.push_back(name == "PERSON" || name == "STREET_ADDRESS");
  names_ = std::make_shared<const std::vector<std::string>>(std::move(names));
}

EntityReader::Word EntityReader::judge(const Window& window, std::size_t first, std::size_t behind,
                                       std::span<const float> logits, std::vector<float>& sums) const {
  Word word;
  word.first = first;
  word.behind = behind;
  word.begin = window.places[first].begin;
  word.end = window.places[behind - 1].end;
  word.punctuation = std::all_of(window.places.begin() + static_cast<std::ptrdiff_t>(first),
                                 window.places.begin() + static_cast<std::ptrdiff_t>(behind),
                                 [](const Window::Place& place) { return place.front >= place.end - place.begin; });
  const auto row = logits.subspan(first * labels_.size(), labels_.size());
  const float highest = *std::ranges::max_element(row);
  std::fill(sums.begin(), sums.end(), 0.0F);
  float total = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const float weight = std::exp(row[i] - highest);
    total += weight;
    sums[labels_[i].entity] += weight;
  }
  word.entity = static_cast<std::size_t>(std::ranges::max_element(sums) - sums.begin());
  if (word.entity == 0) return word;
  word.score = sums[word.entity] / total;
  float begins = 0;
  float strongest = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (labels_[i].entity != word.entity) continue;
    if (labels_[i].begins) begins += std::exp(row[i] - highest);
    if (row[i] > strongest) {
      strongest = row[i];
      word.part = labels_[i].part;
    }
  }
  word.begins = begins > sums[word.entity] / 2;
  return word;
}

void EntityReader::read(const Window& window, std::span<const float> logits, std::vector<EntitySpan>& out) const {
  out.clear();
  const std::size_t count = std::min(window.ids.size(), window.places.size());
  if (labels_.empty() || logits.size() < count * labels_.size()) return;
  std::vector<float> sums(names_->size() + 1);
  std::vector<Word> words;
  for (std::size_t first = 0; first < count;) {
    if (window.places[first].end <= window.places[first].begin) {
      ++first;
      continue;
    }
    std::size_t behind = first + 1;
    while (behind < count && !window.places[behind].starts_word &&
           window.places[behind].end > window.places[behind].begin) {
      ++behind;
    }
    words.push_back(judge(window, first, behind, logits, sums));
    first = behind;
  }

  // A span of words [from, to].
  const auto close = [&](std::size_t from, std::size_t to) {
    const Word& first = words[from];
    const Word& last = words[to];
    if (last.behind <= window.own_begin || first.first >= window.own_end) return;
    float sum = 0;
    std::size_t judged = 0;
    for (std::size_t i = from; i <= to; ++i) {
      if (words[i].entity != first.entity) continue;
      sum += words[i].score;
      ++judged;
    }
    std::uint32_t begin = first.begin;
    std::uint32_t end = last.end;
    const std::string_view name = (*names_)[first.entity - 1];
    if (name != "PASSWORD") {
      for (std::size_t i = first.first; i < last.behind && begin == window.places[i].begin; ++i) {
        begin += std::min<std::uint32_t>(window.places[i].front, window.places[i].end - window.places[i].begin);
        // All of the token: what stands between it and the next is blank.
        if (begin == window.places[i].end && i + 1 < last.behind) begin = window.places[i + 1].begin;
      }
      for (std::size_t i = last.behind; i > first.first && end == window.places[i - 1].end; --i) {
        end -=
            std::min<std::uint32_t>(window.places[i - 1].back, window.places[i - 1].end - window.places[i - 1].begin);
        if (end == window.places[i - 1].begin && i - 1 > first.first) end = window.places[i - 2].end;
      }
    }
    if (begin >= end) return;
    if (!out.empty() && begin < out.back().end) return;
    out.push_back({begin, end, name, sum / static_cast<float>(judged)});
  };

  std::size_t from = 0;
  std::size_t to = 0;
  bool open = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (open) {
      const Word& last = words[to];
      // Joined by one mark without blanks: the word behind the mark goes on, whatever is said of the two.
      const bool joint = of_parts_[words[from].entity] && i + 1 < words.size() && word.punctuation &&
                         word.entity != words[from].entity && word.end - word.begin <= kLongestJoint &&
                         last.end == word.begin && words[i + 1].begin == word.end &&
                         words[i + 1].entity == words[from].entity;
      if (joint) {
        to = ++i;
        continue;
      }
      const bool goes_on =
          word.entity == words[from].entity && (!word.begins || (of_parts_[word.entity] && word.part != last.part));
      if (goes_on) {
        to = i;
        continue;
      }
      close(from, to);
      open = false;
    }
    if (word.entity != 0) {
      from = to = i;
      open = true;
    }
  }
  if (open) close(from, to);
}

}  // namespace gatehouse::ml
