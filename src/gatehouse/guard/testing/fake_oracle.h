#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/ml/oracle.h"

namespace gatehouse::guard::testing {

// For tests and fuzz targets: an oracle that says what it is told, when it is told. `judge` gives a text's reading.
class FakeOracle final : public ml::Oracle {
 public:
  enum class Mode {
    at_once,
    later,  // a question is answered by answer_all()
    never,  // pending until give_up(), then without an answer
    fails,  // no answer
  };
  using Judge = std::function<ml::Reading(std::string_view text)>;

  FakeOracle(ml::Wants wants, Judge judge, Mode mode = Mode::at_once)
      : wants_(wants), judge_(std::move(judge)), mode_(mode) {}

  ml::Wants answers() const override { return wants_; }
  Answer ask(std::string_view text, ml::Wants wants) override {
    ++asks_;
    if (!wants_.covers(wants) || wants.empty() || mode_ == Mode::fails) return {};
    const auto [place, is_new] = texts_.try_emplace(std::string(text));
    Noted& noted = place->second;
    if (is_new) {
      asked.emplace_back(text);
      noted.reading = judge_(text);
      noted.reading.answers = wants_;
      noted.answered = mode_ == Mode::at_once;
    }
    if (noted.answered) return {.reading = &noted.reading};
    return {.reading = nullptr, .pending = !noted.given_up};
  }
  Answer ask_beside(std::string_view context, std::string_view text, ml::Wants wants) override {
    beside.emplace_back(context, text);
    return ask(text, wants);
  }
  // What was asked by now.
  void answer_all() {
    if (mode_ == Mode::never) return;
    for (auto& [text, noted] : texts_) noted.answered = noted.answered || !noted.given_up;
  }
  void give_up() {
    for (auto& [text, noted] : texts_) noted.given_up = !noted.answered;
  }
  std::size_t asks() const { return asks_; }

  std::vector<std::string> asked;                           // texts, each once, in order
  std::vector<std::pair<std::string, std::string>> beside;  // with their contexts, as often as asked

 private:
  struct Noted {
    ml::Reading reading{};
    bool answered = false;
    bool given_up = false;
  };
  ml::Wants wants_;
  Judge judge_;
  Mode mode_;
  std::map<std::string, Noted, std::less<>> texts_;
  std::size_t asks_ = 0;
};

// Names the given words wherever they stand by themselves or not: "Anna Schmidt" is a PERSON.
inline FakeOracle::Judge naming(std::vector<std::pair<std::string, std::string_view>> words, float score = 0.9F) {
  return [words = std::move(words), score](std::string_view text) {
    ml::Reading reading;
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const auto& [word, entity] : words) {
        if (!text.substr(at).starts_with(word)) continue;
        reading.entities.push_back({.begin = static_cast<std::uint32_t>(at),
                                    .end = static_cast<std::uint32_t>(at + word.size()),
                                    .entity = entity,
                                    .score = score});
        at += word.size() - 1;
        break;
      }
    }
    return reading;
  };
}

// An injection with the given probability where the text holds `words`, at their place; else 0.01.
inline FakeOracle::Judge suspecting(std::string words, float probability) {
  return [words = std::move(words), probability](std::string_view text) {
    ml::Reading reading;
    reading.injection = 0.01F;
    reading.end = static_cast<std::uint32_t>(text.size());
    if (const auto at = text.find(words); at != text.npos) {
      reading.injection = probability;
      reading.begin = static_cast<std::uint32_t>(at);
      reading.end = static_cast<std::uint32_t>(at + words.size());
    }
    return reading;
  };
}

}  // namespace gatehouse::guard::testing
