#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/dialects/gemini/call_ledger.h"
#include "gatehouse/dialects/gemini/part.h"
#include "gatehouse/dialects/gemini/reading.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::gemini {

// Reads a request of a caller in one walk. One request's, one thread's; the body outlives it.
class RequestReader {
 public:
  RequestReader(std::string_view body, std::string_view model, bool stream);
  ApiResult<llm::ChatRequest> read();

 private:
  bool body();
  bool system();
  bool contents();
  bool content();
  bool parts(std::vector<llm::Block>& to);
  bool part(std::vector<llm::Block>& to);
  bool call(const Part& part, std::vector<llm::Block>& to);
  bool result(const Part& part, std::vector<llm::Block>& to);
  bool result_part(Cursor& cursor, llm::ToolResult& result);
  void response(std::string_view object, llm::ToolResult& result);
  bool place(std::string_view role, std::vector<llm::Block>&& blocks);
  void join(std::vector<llm::Block>& to, llm::Block&& block, bool apart);
  bool tools();
  bool declaration();
  bool tool_config();
  bool calling();
  bool generation();
  bool thinking();
  bool stop();
  bool modalities();
  bool extra(std::string_view where, const Name& name);
  bool number(const Name& name, std::optional<double>& to);
  bool count(const Name& name, std::optional<std::uint64_t>& to);
  bool wrong(std::string detail, std::string param);
  std::string here() const;  // "contents[2]"

  Cursor cursor_;
  llm::ChatRequest request_;
  std::vector<llm::Block> system_;
  CallLedger ledger_;
  std::optional<ApiError> error_;
  std::vector<std::size_t> apart_;  // of the content's blocks: those that go on with none before them
  std::size_t content_ = 0;
  std::size_t blocks_ = 0;
};

}  // namespace gatehouse::dialects::gemini
