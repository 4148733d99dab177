// Conversations made of bytes: what is written for any model is JSON, its turns alternate and none is empty, no text is
// blank, calls have ids of their own and never stand without toolConfig, and there are four cachePoints at most.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "gatehouse/dialects/bedrock/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::dialects;
using json::Value;

void require(bool condition) {
  if (!condition) std::abort();
}

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return size_ == 0; }
  std::uint8_t next() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  std::string text() {
    std::string words;
    for (std::uint8_t left = next() % 6; left > 0 && size_ > 0; --left) words.push_back(static_cast<char>(next()));
    return words;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

llm::Block block(Bytes& bytes, int depth) {
  llm::Block made{.value = llm::Text{}};
  const std::uint8_t kind = bytes.next();
  switch (kind % 8) {
    case 0:
    case 1:
      made.as<llm::Text>()->text = bytes.text();
      break;
    case 2: {
      llm::ToolCall call;
      call.id = bytes.text();
      call.name = bytes.text();
      call.arguments = kind & 16U ? "{}" : bytes.text();
      if (kind & 32U) call.kind = llm::ToolKind::custom;
      made.value = call;
      break;
    }
    case 3: {
      llm::ToolResult result;
      result.call_id = bytes.text();
      result.is_error = (kind & 16U) != 0;
      result.structured = (kind & 32U) != 0;
      for (std::uint8_t left = depth > 0 ? 0 : bytes.next() % 3; left > 0; --left) {
        result.content.push_back(block(bytes, depth + 1));
      }
      made.value = result;
      break;
    }
    case 4: {
      llm::Reasoning thought;
      thought.text = bytes.text();
      thought.signature = {.origin = llm::Origin::anthropic, .value = bytes.text()};
      made.value = thought;
      break;
    }
    case 5:
    case 6: {
      constexpr std::string_view kTypes[] = {"image/png", "application/pdf", "video/mp4", "text/plain"};
      llm::Media media;
      media.media_type = kTypes[bytes.next() % 4];
      media.data = "eA==";
      media.name = bytes.text();
      made.value = media;
      break;
    }
    default: {
      llm::Foreign foreign;
      foreign.text = bytes.text();
      foreign.type = "x";
      made.value = foreign;
    }
  }
  if (kind & 64U) made.cache = llm::CacheHint{.one_hour = (kind & 128U) != 0};
  return made;
}

void check(const std::string& body) {
  require(json::validate(body).has_value());
  const Value whole(body);
  std::string role;
  std::set<std::string> ids;
  std::size_t points = 0;
  bool tools = false;
  const auto count = [&points](Value item) { points += item["cachePoint"].exists() ? 1 : 0; };
  whole["messages"].elements([&](Value message) {
    const std::string mine = message["role"].string_or("");
    require(mine != role);
    role = mine;
    require(message["content"].size() > 0);
    bool document = false;
    bool words = false;
    message["content"].elements([&](Value item) {
      require(item.size() == 1);
      count(item);
      if (item["text"].exists()) {
        require(item["text"].string()->find_first_not_of(" \t\n\r\v\f") != std::string::npos);
        words = true;
      }
      document = document || item["document"].exists();
      if (item["toolUse"].exists()) require(ids.insert(item["toolUse"]["toolUseId"].string_or("")).second);
      tools = tools || item["toolUse"].exists() || item["toolResult"].exists();
    });
    require(!document || words);
  });
  whole["system"].elements(count);
  whole["toolConfig"]["tools"].elements(count);
  require(points <= 4);
  require(!tools || whole["toolConfig"]["tools"].size() > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  llm::ChatRequest request;
  const std::uint8_t how = bytes.next();
  for (std::uint8_t left = how % 3; left > 0; --left) {
    llm::Tool tool;
    tool.name = bytes.text();
    tool.description = bytes.text();
    tool.schema = bytes.next() % 2 == 0 ? R"({"type":"object"})" : "";
    if (bytes.next() % 3 == 0) tool.cache = llm::CacheHint{};
    request.tools.push_back(tool);
  }
  request.tool_choice.mode = static_cast<llm::ToolChoice::Mode>(how / 4 % 4);
  request.tool_choice.name = request.tools.empty() ? "" : request.tools.front().name;
  request.reasoning.effort = static_cast<llm::Effort>(how / 16 % 8);
  request.format.kind = static_cast<llm::OutputFormat::Kind>(how / 32 % 3);
  request.format.schema = R"({"type":"array","items":{"type":"string"}})";
  if (how & 128U) request.cache = llm::CacheHint{};
  while (!bytes.empty()) {
    llm::Message message;
    message.author = static_cast<llm::Author>(bytes.next() % 5);
    for (std::uint8_t left = bytes.next() % 4; left > 0; --left) message.blocks.push_back(block(bytes, 0));
    request.messages.push_back(std::move(message));
  }
  const llm::Quirks quirks;
  for (const std::string_view model :
       {"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-3-7-sonnet-20250219-v1:0",
        "us.amazon.nova-2-lite-v1:0", "us.meta.llama4-maverick-17b-instruct-v1:0", "us.mistral.pixtral-large-2502-v1:0",
        "us.writer.palmyra-x4-v1:0", "unknown"}) {
    Losses losses;
    Rewrites rewrites;
    const auto body = bedrock::back().write_request(
        request, Target{.model = model, .stream = false, .quirks = quirks, .origin = bedrock::origin_of(model)}, losses,
        rewrites);
    if (body) check(*body);
  }
  return 0;
}
