#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/dialects/openai_responses/codec.h"
#include "gatehouse/dialects/openai_responses/response_reader.h"

// An answer or an error, whatever it holds, is read or refused, and what is written of it is JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const llm::Quirks quirks;
  Rewrites rewrites;
  rewrites.json_wrapped = size % 2 == 1;
  rewrites.tool_names.emplace_back("f", "a.b");
  const Reading reading{.rewrites = rewrites, .quirks = quirks, .origin = llm::Origin::openai};
  const auto& front = openai_responses::front();
  const llm::ChatError error = openai_responses::back().read_error(static_cast<int>(size % 600), body);
  if (error.status < 400 || !openai_responses::is_readable(front.write_error(error))) std::abort();
  const auto answer = openai_responses::back().read_answer(body, reading);
  if (!answer) return 0;
  const llm::ChatRequest asked;
  const Writing writing{.request = asked, .model = {}, .seed = "s"};
  if (!openai_responses::is_readable(front.write_answer(*answer, writing))) std::abort();
  return 0;
}
