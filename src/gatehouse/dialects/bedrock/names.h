#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialects::bedrock {

// Names and ids as Converse takes them: names of tools [a-zA-Z0-9_-]{1,64}, ids of calls [a-zA-Z0-9_-]{1,64} (the API
// would take '.' and ':' as well, Claude does not) and each but once, names of documents letters, digits, single
// spaces,
// '-', '(', ')', '[' and ']', up to 200, each but once. What cannot be sent is replaced by its hash, never cut alone:
// two that begin alike stay two, and the same one comes out the same in the next request. One request's.
class Names {
 public:
  // The caller's tools are told before anything else, so that none that has to change becomes another's.
  void reserve(std::string_view tool);
  std::string tool(std::string_view name);
  // A name that no tool has.
  std::string fresh(std::string_view wish);
  // Those that changed: as sent, as the caller has it.
  std::vector<std::pair<std::string, std::string>> changed() const;

  // In the order of the conversation: the id of a call, and the id of the call that a result is for. Results without an
  // id (Gemini, Ollama) belong to the first call of their tool that has none yet; ids that a client uses again are told
  // apart.
  std::string call(std::string_view id, std::string_view tool);
  std::string result(std::string_view id, std::string_view tool);

  // `title`: of the file or the document; may be empty.
  std::string document(std::string_view title);

 private:
  struct Call {
    std::string tool;
    std::string sent;
    bool answered = false;
  };
  struct Calls {
    std::vector<Call> calls{};
    std::size_t first_open = 0;  // all before it have their result
  };

  std::set<std::string, std::less<>> taken_;
  std::map<std::string, std::string, std::less<>> sent_;
  std::map<std::string, Calls, std::less<>> calls_;  // by the caller's id
  std::set<std::string, std::less<>> ids_;
  std::set<std::string, std::less<>> documents_;
  std::size_t document_count_ = 0;
};

}  // namespace gatehouse::dialects::bedrock
