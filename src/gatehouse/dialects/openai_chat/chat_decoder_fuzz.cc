// Any stream, a chunk a line ("name|data" names the event): the events are a well-formed run, and what the encoder
// makes of them is read back as a well-formed run that ends alike.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/llm/chat/assembler.h"

namespace {

using namespace gatehouse;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Run {
  std::string sse;
  bool ended = false;
  bool failed = false;
};

class Reader {
 public:
  explicit Reader(const dialects::Reading& reading)
      : decoder_(dialects::openai_chat::back().make_decoder(reading)),
        encoder_(dialects::openai_chat::front().make_encoder(writing_)) {
    asked_.include_usage = true;
  }

  void chunk(std::string_view name, std::string_view data) {
    decoder_->on_event(name, data, events_);
    take();
  }
  Run end() {
    decoder_->on_end(events_);
    take();
    run_.ended = assembler_.ended();
    run_.failed = assembler_.error().has_value();
    return std::move(run_);
  }

 private:
  void take() {
    for (const llm::ChatEvent& event : events_) {
      // Past its bounds it may only fail.
      const bool added = assembler_.add(event).has_value();
      require(added || assembler_.lost());
      encoder_->write(event, run_.sse);
    }
    events_.clear();
  }

  llm::ChatRequest asked_;
  dialects::Writing writing_{.request = asked_, .model = {}, .seed = "s", .now = 1};
  std::unique_ptr<dialects::EventDecoder> decoder_;
  std::unique_ptr<dialects::EventEncoder> encoder_;
  llm::AnswerAssembler assembler_;
  std::vector<llm::ChatEvent> events_;
  Run run_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  dialects::Rewrites rewrites;
  rewrites.json_wrapped = (data[0] & 1U) != 0;
  rewrites.tool_names = {{"f_", "f."}};
  if ((data[0] & 2U) != 0) rewrites.text_tools = {"f"};
  const llm::Quirks quirks;
  const dialects::Reading reading{.rewrites = rewrites,
                                  .quirks = quirks,
                                  .origin = (data[0] & 4U) != 0 ? llm::Origin::openrouter : llm::Origin::none};
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  Reader first(reading);
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    std::string_view name;
    if (const auto bar = line.substr(0, 16).find('|'); bar != std::string_view::npos) {
      name = line.substr(0, bar);
      line.remove_prefix(bar + 1);
    }
    first.chunk(name, line);
  }
  const Run run = first.end();
  require(run.ended != run.failed);

  const dialects::Rewrites none;
  Reader second({.rewrites = none, .quirks = quirks});
  for (std::string_view all = run.sse; !all.empty();) {
    const std::string_view event = all.substr(0, all.find("\n\n"));
    require(event.starts_with("data: "));
    const std::string_view chunk = event.substr(6);
    require(chunk == "[DONE]" || json::validate(chunk).has_value());
    second.chunk({}, chunk);
    all.remove_prefix(event.size() + 2);
  }
  const Run again = second.end();
  require(again.ended == run.ended && again.failed == run.failed);
  return 0;
}
