#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/openai_responses/codec.h"
#include "gatehouse/dialects/openai_responses/response_reader.h"
#include "gatehouse/llm/chat/assembler.h"

// Events, one a line: whatever they hold, the run is well-formed, ends once, and what is encoded of it is JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const llm::Quirks quirks;
  Rewrites rewrites;
  rewrites.json_wrapped = size % 2 == 1;
  const Reading reading{.rewrites = rewrites, .quirks = quirks, .origin = llm::Origin::openai};
  llm::ChatRequest asked;
  asked.logprobs = size % 3 == 0;
  const Writing writing{.request = asked, .model = {}, .seed = "s"};
  const auto decoder = openai_responses::back().make_decoder(reading);
  const auto encoder = openai_responses::front().make_encoder(writing);
  llm::AnswerAssembler assembler;
  std::vector<llm::ChatEvent> events;
  std::string out;
  const auto take = [&] {
    for (const auto& event : events) {
      if (!assembler.add(event)) std::abort();
      encoder->write(event, out);
    }
    events.clear();
  };
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    decoder->on_event({}, rest.substr(0, end), events);
    take();
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  decoder->on_end(events);
  take();
  if (assembler.ended() == assembler.error().has_value()) std::abort();
  for (std::string_view stream = out; !stream.empty();) {
    const auto begin = stream.find("data: ");
    const auto end = stream.find("\n\n");
    if (begin == std::string_view::npos || end == std::string_view::npos) std::abort();
    if (!openai_responses::is_readable(stream.substr(begin + 6, end - begin - 6))) std::abort();
    stream.remove_prefix(end + 2);
  }
  return 0;
}
