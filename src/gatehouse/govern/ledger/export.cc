#include "gatehouse/govern/ledger/export.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/json/writer.h"

namespace gatehouse::govern {
namespace {

// What is shown of sums, in this order. Costs are shown in dollars under their name with `_usd`.
constexpr std::array kShown = {Measure::requests,
                               Measure::errors,
                               Measure::estimated,
                               Measure::unpriced,
                               Measure::cache_hits,
                               Measure::attempts,
                               Measure::prompt_tokens,
                               Measure::completion_tokens,
                               Measure::cached_tokens,
                               Measure::cache_write_tokens,
                               Measure::reasoning_tokens,
                               Measure::prompt_audio_tokens,
                               Measure::completion_audio_tokens,
                               Measure::cost_input,
                               Measure::cost_cached,
                               Measure::cost_cache_write,
                               Measure::cost_output,
                               Measure::cost_reasoning,
                               Measure::cost_audio,
                               Measure::cost_request,
                               Measure::cost};

bool is_cost(Measure measure) { return measure >= Measure::cost_input; }

std::string heading(Measure measure) {
  return is_cost(measure) ? fmt::format("{}_usd", name(measure)) : std::string(name(measure));
}

std::string shown(const Sums& sums, Measure measure) {
  return is_cost(measure) ? sums.money(measure).to_string() : std::to_string(sums[measure]);
}

void append_csv_sums(std::string& out, const Sums& sums) {
  for (const Measure measure : kShown) out.append(",").append(shown(sums, measure));
}

void write_sums(json::Writer& writer, const Sums& sums) {
  for (const Measure measure : kShown) {
    if (is_cost(measure)) {
      writer.key(heading(measure)).raw(sums.money(measure).to_string());
    } else {
      writer.key(name(measure)).integer(sums[measure]);
    }
  }
  writer.key("total_tokens").integer(sums.total_tokens());
  writer.key("cost_nanodollars").integer(sums[Measure::cost]);
}

void write_group(json::Writer& writer, const UsageAnswer& answer, const UsageGroup& group) {
  writer.begin_object();
  for (std::size_t i = 0; i < answer.by.size(); ++i) writer.key(name(answer.by[i])).string(group.keys[i]);
  write_sums(writer, group.sums);
  writer.end_object();
}

// A terminal must not be commanded by what a caller wrote; and characters are counted, not bytes.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return out;
}
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

class Table {
 public:
  explicit Table(std::size_t text_columns) : text_columns_(text_columns) {}
  void add(std::vector<std::string> cells) { lines_.push_back(std::move(cells)); }
  std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& line : lines_) {
      widths.resize(std::max(widths.size(), line.size()));
      for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
    }
    std::string out;
    for (const auto& line : lines_) {
      for (std::size_t i = 0; i < line.size(); ++i) {
        const std::string padding(widths[i] - width_of(line[i]), ' ');
        const bool is_last = i + 1 == line.size();
        if (i >= text_columns_) out += padding;
        out += line[i];
        if (i < text_columns_ && !is_last) out += padding;
        out += is_last ? "\n" : "  ";
      }
    }
    return out;
  }

 private:
  std::size_t text_columns_;
  std::vector<std::vector<std::string>> lines_;
};

std::vector<std::string> table_sums(const Sums& sums) {
  return {std::to_string(sums[Measure::requests]), std::to_string(sums[Measure::errors]),
          std::to_string(sums[Measure::prompt_tokens]), std::to_string(sums[Measure::completion_tokens]),
          fmt::format("{:.4f}", sums.money(Measure::cost).as_usd())};
}

void append(std::vector<std::string>& cells, std::vector<std::string> more) {
  cells.insert(cells.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::string none_or(std::string_view id) { return id.empty() ? "(none)" : printable(id); }

}  // namespace

void append_csv_text(std::string& out, std::string_view text) {
  const bool is_formula = !text.empty() && (std::string_view("=+-@").find(text.front()) != std::string_view::npos ||
                                            static_cast<unsigned char>(text.front()) < 0x20);
  const bool quoted =
      text.find_first_of(",\"\r\n;\t") != std::string_view::npos || text.starts_with(' ') || text.ends_with(' ');
  if (quoted) out += '"';
  if (is_formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
}

std::string to_csv(const UsageAnswer& answer) {
  std::string out;
  for (const GroupBy& by : answer.by) {
    append_csv_text(out, name(by));
    out += ',';
  }
  for (const Measure measure : kShown) out.append(heading(measure)).append(measure == Measure::cost ? "\r\n" : ",");
  for (const UsageGroup& group : answer.groups) {
    std::string line;
    for (const std::string& key : group.keys) {
      line += ',';
      append_csv_text(line, key);
    }
    append_csv_sums(line, group.sums);
    out.append(line, 1).append("\r\n");
  }
  return out;
}

std::string to_json_lines(const UsageAnswer& answer) {
  std::string out;
  for (const UsageGroup& group : answer.groups) {
    json::Writer writer(out);
    write_group(writer, answer, group);
    out += '\n';
  }
  return out;
}

std::string to_json(const UsageAnswer& answer) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("groups").begin_array();
  for (const UsageGroup& group : answer.groups) write_group(writer, answer, group);
  writer.end_array().key("total").begin_object();
  write_sums(writer, answer.total);
  writer.end_object();
  if (!answer.cursor.empty()) writer.key("cursor").string(answer.cursor);
  if (answer.incomplete_before) {
    writer.key("incomplete_before").string(time_text(Bucket::hour, seconds_of(*answer.incomplete_before)));
  }
  writer.end_object();
  return out;
}

std::string to_table(const UsageAnswer& answer) {
  Table table(std::max<std::size_t>(answer.by.size(), 1));
  std::vector<std::string> cells;
  for (const GroupBy& by : answer.by) cells.push_back(printable(name(by)));
  if (cells.empty()) cells.emplace_back();
  append(cells, {"requests", "errors", "prompt", "completion", "usd"});
  table.add(std::move(cells));
  for (const UsageGroup& group : answer.groups) {
    if (answer.by.empty()) break;  // the total says it
    std::vector<std::string> line;
    for (const std::string& key : group.keys) line.push_back(none_or(key));
    append(line, table_sums(group.sums));
    table.add(std::move(line));
  }
  std::vector<std::string> last(std::max<std::size_t>(answer.by.size(), 1));
  last.front() = "total";
  append(last, table_sums(answer.total));
  table.add(std::move(last));
  std::string out = table.text();
  if (answer.incomplete_before) {
    out += fmt::format("single requests before {} are not kept; they are missing here\n",
                       time_text(Bucket::hour, seconds_of(*answer.incomplete_before)));
  }
  return out;
}

std::string to_csv(const Showback& report) {
  std::string out = "month,";
  append_csv_text(out, name(report.by));
  for (const Measure measure : kShown) out.append(",").append(heading(measure));
  out += ",share\r\n";
  for (const ShowbackLine& line : report.lines) {
    out += time_text(Bucket::month, seconds_of(std::chrono::sys_days(report.month / 1)));
    out += ',';
    append_csv_text(out, line.id);
    append_csv_sums(out, line.sums);
    out += fmt::format(",{:.6f}\r\n", line.share);
  }
  return out;
}

std::string to_json(const Showback& report) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("month");
  writer.string(time_text(Bucket::month, seconds_of(std::chrono::sys_days(report.month / 1))));
  writer.key("by").string(name(report.by)).key("lines").begin_array();
  for (const ShowbackLine& line : report.lines) {
    writer.begin_object().key("id").string(line.id).key("share").number(line.share);
    write_sums(writer, line.sums);
    writer.end_object();
  }
  writer.end_array().key("total").begin_object();
  write_sums(writer, report.total);
  writer.end_object().end_object();
  return out;
}

std::string to_table(const Showback& report) {
  Table table(1);
  table.add({printable(name(report.by)), "requests", "errors", "prompt", "completion", "usd", "share"});
  for (const ShowbackLine& line : report.lines) {
    std::vector<std::string> cells = {none_or(line.id)};
    append(cells, table_sums(line.sums));
    cells.push_back(fmt::format("{:.1f}%", line.share * 100));
    table.add(std::move(cells));
  }
  std::vector<std::string> last = {"total"};
  append(last, table_sums(report.total));
  last.emplace_back(report.lines.empty() ? "" : "100.0%");
  table.add(std::move(last));
  return table.text();
}

}  // namespace gatehouse::govern
