#include "gatehouse/app/eval/comparison.h"

#include <algorithm>

#include <fmt/format.h>

namespace gatehouse::app {
namespace {

constexpr std::array<std::string_view, kVariants> kNames = {"patterns", "linear", "encoder", "all", "all_strict"};

std::string cell(const Tally& tally) {
  const auto share = [](std::uint64_t part, std::uint64_t of) {
    return fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(of));
  };
  if (tally.all() == 0) return "-";
  std::string out = tally.positives() == 0 ? "-" : share(tally.true_positive, tally.positives()) + "%";
  if (tally.negatives() > 0 && !tally.of_spans) {
    out += " /" + share(tally.false_positive, tally.negatives()) + "%";
  } else if (tally.false_positive > 0) {
    // What share of the found ones is right.
    out += " (" + share(tally.true_positive, tally.true_positive + tally.false_positive) + "% right)";
  }
  return out;
}

}  // namespace

std::string_view name(Variant variant) { return kNames[static_cast<std::size_t>(variant)]; }

void Comparison::count(Variant variant, const std::string& group, bool expected, bool found) {
  const auto at = static_cast<std::size_t>(variant);
  for (Tally* tally : {&all_[at], &groups_[group][at]}) {
    tally->of_spans = of_spans_;
    tally->count(expected, found);
  }
}

bool Comparison::empty() const {
  return std::ranges::all_of(all_, [](const Tally& tally) { return tally.all() == 0; });
}

void Comparison::write(json::Writer& writer, std::string_view by) const {
  for (std::size_t i = 0; i < kVariants; ++i) {
    if (all_[i].all() == 0) continue;
    writer.key(kNames[i]).begin_object();
    all_[i].write(writer);
    writer.key(by).begin_object();
    for (const auto& [group, tallies] : groups_) {
      if (group.empty() || tallies[i].all() == 0) continue;
      writer.key(group).begin_object();
      tallies[i].write(writer);
      writer.end_object();
    }
    writer.end_object().end_object();
  }
}

std::string Comparison::to_text(std::string_view title) const {
  std::string out = fmt::format("{:32}", title.substr(0, 32));
  for (std::size_t i = 0; i < kVariants; ++i) {
    if (all_[i].all() > 0) out += fmt::format(" {:>22}", kNames[i]);
  }
  out += '\n';
  const auto line = [&](std::string_view group, const std::array<Tally, kVariants>& tallies) {
    out += fmt::format("{:32}", group.substr(0, 32));
    for (std::size_t i = 0; i < kVariants; ++i) {
      if (all_[i].all() > 0) out += fmt::format(" {:>22}", cell(tallies[i]));
    }
    out += '\n';
  };
  for (const auto& [group, tallies] : groups_) {
    if (!group.empty()) line(group, tallies);
  }
  line("all", all_);
  return out;
}

}  // namespace gatehouse::app
