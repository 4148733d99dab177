// The first byte is the operation, the second says where to cut; the rest is a body and, line by line, a stream.
// Whatever it is: no crash; every delta lies in the data and its text is what the string there says; to edit one
// changes no other; the halves of an event say together what it said; endings are JSON.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "gatehouse/dialects/blocked.h"
#include "gatehouse/dialects/deltas.h"
#include "gatehouse/dialects/event_edit.h"
#include "gatehouse/dialects/stream_end.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::dialects;
using Deltas = std::vector<llm::Delta>;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_places(std::string_view data, const Deltas& deltas) {
  std::size_t at = 0;
  for (const llm::Delta& delta : deltas) {
    require(delta.offset >= at && delta.offset + delta.length <= data.size() && !delta.text.empty());
    at = delta.offset + delta.length;
    require(json::read_string(data.substr(delta.offset, delta.length)) == delta.text);
  }
}

void check_event(llm::Operation operation, std::string_view data, std::uint8_t cut, bool body) {
  DeltaReader reader(operation);
  Deltas deltas;
  const bool read = body ? reader.read_body(data, deltas) : reader.read_event(data, deltas);
  if (!json::validate(data)) return;
  require(read);
  check_places(data, deltas);

  DeltaReader again(operation);
  Deltas after;
  const std::size_t step = deltas.size() / 8 + 1;
  for (std::size_t i = 0; i < deltas.size(); i += step) {
    // Of another type an event is another event.
    if (data.substr(0, deltas[i].offset)
            .substr(deltas[i].offset - std::min<std::size_t>(deltas[i].offset, 40))
            .find("type") != std::string_view::npos) {
      continue;
    }
    const DeltaEdit edit{i, 0, deltas[i].text.size(), "<\n>"};
    const std::string edited = edit_event(data, deltas, reader.logprobs(), {&edit, 1});
    require(json::validate(edited).has_value());
    after.clear();
    require(body ? again.read_body(edited, after) : again.read_event(edited, after));
    require(after.size() == deltas.size());
    for (std::size_t k = 0; k < after.size(); ++k) require(after[k].text == (k == i ? "<\n>" : deltas[k].text));
    for (const Logprobs& left : again.logprobs()) require(left.choice != deltas[i].choice);
  }
  require(json::validate(strip_logprobs(data, reader.logprobs())).has_value());

  std::vector<std::size_t> kept;
  for (const llm::Delta& delta : deltas) kept.push_back(std::min<std::size_t>(delta.text.size(), cut));
  if (body) {
    const std::string blocked = blocked_body(operation, data, deltas, reader.logprobs(), kept);
    require(json::validate(blocked).has_value());
    after.clear();
    require(again.read_body(blocked, after));
    for (const llm::Delta& delta : after) require(delta.text.size() <= cut || delta.text == "content_filter");
    return;
  }
  const auto split = split_event(operation, data, deltas, reader.logprobs(), kept);
  if (!split) return;
  require(json::validate(split->first).has_value() && json::validate(split->second).has_value());
  // A word that a member not known says again and again is none that grows; its halves may be such words.
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    for (std::size_t k = 0; k < i && k < 64; ++k) {
      const bool unknown = (deltas[i].part & DeltaReader::kUnknownPart) != 0;
      if (unknown && deltas[i].part == deltas[k].part && deltas[i].choice == deltas[k].choice) return;
    }
  }
  // What grows is said in two parts; what stands by itself may be said by both.
  const auto grown = [](const Deltas& list) {
    std::string all;
    for (const llm::Delta& delta : list) {
      if (!delta.whole) all += delta.text;
    }
    std::ranges::sort(all);
    return all;
  };
  Deltas first;
  Deltas second;
  DeltaReader fresh(operation);
  require(fresh.read_event(split->first, first) && fresh.logprobs().empty());
  std::string said = grown(first);
  DeltaReader fresher(operation);
  require(fresher.read_event(split->second, second));
  said += grown(second);
  std::ranges::sort(said);
  require(said == grown(deltas));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto operation = static_cast<llm::Operation>(data[0] % llm::kOperationCount);
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  check_event(operation, input, data[1], true);
  StreamEnd end(operation, 1);
  for (std::string_view rest = input; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    check_event(operation, line, data[1], false);
    end.on_event(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  const std::string ending = end.blocked_ending({});
  for (std::size_t at = 0; (at = ending.find("data: ", at)) != std::string::npos; at += 6) {
    const std::string said = ending.substr(at + 6, ending.find("\n\n", at) - at - 6);
    if (at == 0 || ending[at - 1] == '\n') require(said == "[DONE]" || json::validate(said).has_value());
  }
  return 0;
}
