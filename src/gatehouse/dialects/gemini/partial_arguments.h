#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialects::gemini {

// The arguments of a call that come in pieces (partialArgs): each says what is added at a JSONPath (RFC 9535, names and
// indices only). Put together as a whole object. One call's.
class PartialArguments {
 public:
  // A list of pieces, checked as part of an event. False: a path that cannot be read, or more than is kept.
  bool add(std::string_view pieces);
  void write(std::string& out) const;

 private:
  struct Node;
  struct Member;
  struct Node {
    enum class Kind : std::uint8_t { null, literal, string, object, array };
    Kind kind = Kind::null;
    std::string text{};  // of a literal as written, of a string decoded
    std::vector<Member> members{};
    std::vector<Node> elements{};
  };
  struct Member {
    std::string name;
    Node node;
  };
  bool piece(std::string_view raw);
  Node* at(std::string_view path);
  Node* member(Node& node, std::string&& name);
  Node* element(Node& node, std::size_t index);
  static void write(const Node& node, std::string& out);

  Node root_{.kind = Node::Kind::object};
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace gatehouse::dialects::gemini
