#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "gatehouse/guard/matcher.h"

namespace gatehouse::guard {
namespace {

// Triggers as detectors have them: openings of tokens, phrases with a choice or a gap, names of things.
std::vector<Trigger> triggers(std::size_t count) {
  const std::vector<std::string> verbs = {"ignore", "disregard", "forget", "override", "bypass", "reveal",
                                          "print",  "repeat",    "show",   "leak",     "dump",   "expose"};
  const std::vector<std::string> things = {"instructions?", "rules", "prompt", "polic(?:y|ies)", "guidelines"};
  const std::vector<std::string> fixed = {"sk-[a-z0-9]{8}",
                                          "ghp_[A-Za-z0-9]{8}",
                                          "AKIA[A-Z0-9]{4}",
                                          "xox[abp]-[0-9]{4}",
                                          "-----BEGIN [A-Z ]{3,20}KEY",
                                          "eyJ[A-Za-z0-9_-]{8}",
                                          "\\b(?:bic|swift)\\b",
                                          "<script[\\s>]",
                                          "union\\s+select",
                                          "\\bpassw(?:or)?d\\s*[:=]",
                                          "<\\|im_start\\|>",
                                          "\\[INST\\]",
                                          "!\\[[^\\]]{0,40}\\]\\(http",
                                          "rm -rf",
                                          "postgres(?:ql)?://"};
  std::vector<Trigger> list;
  for (std::size_t i = 0; list.size() < count; ++i) {
    Trigger trigger{.trigger = static_cast<std::uint32_t>(i), .pattern = {}};
    if (i < fixed.size()) {
      trigger.pattern = fixed[i];
    } else if (i % 3 == 0) {
      trigger.pattern = fmt::format("tok{:03}_[a-z0-9]{{6}}", i);
    } else if (i % 3 == 1) {
      trigger.pattern = fmt::format("{}\\s+(?:all\\s+)?(?:\\w+\\s+){{0,2}}{}", verbs[i % verbs.size()],
                                    things[i / verbs.size() % things.size()]);
    } else {
      trigger.pattern = fmt::format("\\bvendor{}[-_]?(?:key|token|secret)\\b", i);
    }
    list.push_back(std::move(trigger));
  }
  return list;
}

class Fake final : public Detector {
 public:
  explicit Fake(std::size_t count) : triggers_(guard::triggers(count)) {}
  std::string_view name() const override { return "fake"; }
  Family family() const override { return Family::terms; }
  std::span<const EntityInfo> entities() const override { return {}; }
  text::ViewKinds views(Direction) const override { return {}; }
  bool concerns(Direction, llm::Role, llm::SegmentKind) const override { return true; }
  std::vector<Trigger> triggers() const override { return triggers_; }
  std::size_t look(const Look& look, std::span<const Hit>, Findings&) const override { return look.text.size(); }

 private:
  std::vector<Trigger> triggers_;
};

std::string prose(std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text +=
        "The library opens at nine, and by ten there is hardly a chair left beside the windows. People read, print a "
        "page or two, ask for the rules of the reading room, and forget their umbrellas; it has been like this for as "
        "long as anybody remembers. Show me a quieter place in town, they say, and I will go there instead. ";
  }
  text.resize(size);
  return text;
}

std::string numbers(std::size_t size) {
  std::string text = "[";
  for (unsigned i = 0; text.size() < size; ++i) {
    text += fmt::format(R"({{"id":{},"lat":{}.{},"lon":-{}.{},"at":{},"code":"{:08x}"}},)", 100'000 + i * 37 % 899'999,
                        i % 90, i * 7919 % 99'991, i % 180, i * 104'729 % 99'989, 1'700'000'000 + i * 61,
                        i * 2'654'435'761U);
  }
  text.resize(size);
  return text;
}

void scan(benchmark::State& state, std::size_t count, const std::string& text) {
  const Fake fake(count);
  const Detector* const list[] = {&fake};
  const auto matcher = Matcher::make(list);
  if (!matcher) {
    state.SkipWithError(matcher.error().detail.c_str());
    return;
  }
  const auto scratch = (*matcher)->make_scratch();
  for (auto _ : state) benchmark::DoNotOptimize((*matcher)->scan(text, *scratch));
  state.counters["hits"] = static_cast<double>(scratch->hits(0).size());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void prose_1k_60(benchmark::State& state) { scan(state, 60, prose(1000)); }
void prose_1k_300(benchmark::State& state) { scan(state, 300, prose(1000)); }
void prose_100k_60(benchmark::State& state) { scan(state, 60, prose(100'000)); }
void prose_100k_300(benchmark::State& state) { scan(state, 300, prose(100'000)); }
void numbers_1k_300(benchmark::State& state) { scan(state, 300, numbers(1000)); }
void numbers_100k_60(benchmark::State& state) { scan(state, 60, numbers(100'000)); }
void numbers_100k_300(benchmark::State& state) { scan(state, 300, numbers(100'000)); }
void compile(benchmark::State& state) {
  const Fake fake(static_cast<std::size_t>(state.range(0)));
  const Detector* const list[] = {&fake};
  for (auto _ : state) benchmark::DoNotOptimize(Matcher::make(list));
}

BENCHMARK(prose_1k_60);
BENCHMARK(prose_1k_300);
BENCHMARK(prose_100k_60);
BENCHMARK(prose_100k_300);
BENCHMARK(numbers_1k_300);
BENCHMARK(numbers_100k_60);
BENCHMARK(numbers_100k_300);
BENCHMARK(compile)->Arg(60)->Arg(300)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::guard
