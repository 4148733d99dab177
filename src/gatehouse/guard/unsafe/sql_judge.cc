#include "gatehouse/guard/unsafe/sql_judge.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gatehouse/guard/unsafe/sql_tokens.h"

namespace gatehouse::guard::unsafe {
namespace {

bool is_operand(Sql type) {
  switch (type) {
    case Sql::number:
    case Sql::string:
    case Sql::name:
    case Sql::function:
    case Sql::probe:
    case Sql::variable:
    case Sql::literal:
      return true;
    default:
      return false;
  }
}

// What an operand is made of, by rising weight as evidence.
enum class Operand : std::uint8_t { none, name, value, call, select };

// Walks over tokens; comments are passed by.
class Walk {
 public:
  Walk(SqlTokens& tokens, std::size_t at) : tokens_(tokens), at_(at) { pass(); }
  Sql type() const { return tokens_[at_].type; }
  std::size_t index() const { return at_; }
  const SqlToken& token() const { return tokens_[at_]; }
  // A comment stands between this token and the one before it.
  bool commented() const { return commented_; }
  void step() {
    if (type() == Sql::end) return;
    ++at_;
    commented_ = false;
    pass();
  }
  bool take(Sql wanted) {
    if (type() != wanted) return false;
    step();
    return true;
  }

  // One operand, with the signs and parentheses around it. Of a call its arguments are passed.
  Operand operand() {
    Operand kind = Operand::none;
    int depth = 0;
    while (type() == Sql::open || type() == Sql::arithmetic || type() == Sql::negate || type() == Sql::kunary ||
           type() == Sql::kall) {
      if (type() == Sql::open) ++depth;
      step();
    }
    switch (type()) {
      case Sql::kselect:
        return Operand::select;
      case Sql::kcase:
        step();
        return type() == Sql::open || is_operand(type()) ? Operand::value : Operand::none;
      case Sql::function:
      case Sql::probe:
        kind = Operand::call;
        step();
        if (type() == Sql::open) skip_parentheses();
        break;
      case Sql::name:
        kind = Operand::name;
        step();
        if (type() == Sql::open) {
          kind = Operand::call;
          skip_parentheses();
        }
        break;
      case Sql::number:
      case Sql::string:
      case Sql::variable:
      case Sql::literal:
        kind = Operand::value;
        step();
        break;
      default:
        return Operand::none;
    }
    while (depth > 0 && type() == Sql::close) {
      --depth;
      step();
    }
    return kind;
  }

 private:
  void pass() {
    while (tokens_[at_].type == Sql::comment) {
      ++at_;
      commented_ = true;
    }
  }
  void skip_parentheses() {
    int depth = 0;
    do {
      if (type() == Sql::open) ++depth;
      if (type() == Sql::close) --depth;
      step();
    } while (depth > 0 && type() != Sql::end);
  }

  SqlTokens& tokens_;
  std::size_t at_;
  bool commented_ = false;
};

// What stands in front of a keyword.
enum class Left : std::uint8_t { nothing, word, value, quote };

bool compares(Walk& walk) {
  if (walk.type() == Sql::negate) walk.step();
  if (walk.type() != Sql::compare) return false;
  walk.step();
  if (walk.type() == Sql::negate) walk.step();
  while (walk.type() == Sql::compare) walk.step();  // sounds like, is not null, similar to
  return true;
}

// `or 1=1`, `and exists(select ...)`: what joins a condition to another's. `at` is the logical operator.
float judge_logic(SqlTokens& tokens, std::size_t at, Left left) {
  Walk walk(tokens, at + 1);
  const bool negated = walk.type() == Sql::negate || walk.commented();
  const Operand first = walk.operand();
  if (first == Operand::select) return left == Left::nothing ? 0.6F : 0.95F;
  if (first == Operand::none) return 0;
  bool sums = false;
  while (walk.type() == Sql::arithmetic || walk.type() == Sql::close) {
    sums = sums || walk.type() == Sql::arithmetic;
    walk.step();
    if (walk.type() == Sql::end || walk.type() == Sql::close || walk.type() == Sql::comment) break;
    if (is_operand(walk.type()) || walk.type() == Sql::open) walk.operand();
  }
  if (compares(walk)) {
    const Operand second = walk.operand();
    if (second == Operand::none) return first == Operand::name ? 0.3F : 0.5F;
    const bool ends_in_comment = walk.commented();
    if (first != Operand::name && second != Operand::name) {
      return left == Left::word ? 0.7F : 0.95F;
    }
    if (second == Operand::select || ends_in_comment) return 0.9F;
    if (first == Operand::name && second == Operand::name) return left == Left::value ? 0.6F : 0.35F;
    return left == Left::quote ? 0.75F : left == Left::value ? 0.6F : 0.35F;
  }
  const bool ends_in_comment = walk.commented();
  switch (first) {
    case Operand::call:
      return left == Left::word ? 0.45F : 0.8F;
    case Operand::value:
      if (ends_in_comment || negated) return left == Left::word ? 0.5F : 0.85F;
      if (left == Left::quote) return 0.75F;
      return sums ? 0.5F : 0.35F;
    default:
      return ends_in_comment && left != Left::word ? 0.7F : left == Left::quote && negated ? 0.6F : 0.2F;
  }
}

// A union of selects; `at` is `union`.
float judge_union(SqlTokens& tokens, std::size_t at, Left left) {
  Walk walk(tokens, at + 1);
  const bool commented = walk.commented();
  while (walk.type() == Sql::kall || walk.type() == Sql::open || walk.type() == Sql::arithmetic) walk.step();
  if (walk.type() != Sql::kselect) {
    if (walk.type() == Sql::end && tokens.whole() && left != Left::word && left != Left::nothing) return 0.7F;
    return commented && left == Left::value ? 0.7F : 0;
  }
  walk.step();
  while (walk.type() == Sql::kall || walk.type() == Sql::open || walk.type() == Sql::arithmetic ||
         walk.type() == Sql::kunary || walk.type() == Sql::negate) {
    if (walk.type() == Sql::arithmetic) return 0.95F;  // select * from
    walk.step();
  }
  switch (walk.type()) {
    case Sql::name: {
      walk.step();
      const Sql next = walk.type();
      const bool ordinary = next == Sql::comma || next == Sql::kfrom || next == Sql::open || next == Sql::kas ||
                            next == Sql::close || walk.commented();
      if (next == Sql::name) {  // an alias
        walk.step();
        if (walk.type() == Sql::kfrom) return 0.9F;
      }
      return ordinary ? 0.95F : next == Sql::end ? 0.7F : 0.2F;
    }
    case Sql::end:
      return left == Left::word ? 0.3F : 0.8F;
    case Sql::other:
      return 0.2F;
    default:
      return 0.95F;
  }
}

// A select as a statement: ordinary code, unless it asks about the server. `at` is `select`.
float judge_select(SqlTokens& tokens, std::size_t at) {
  Walk walk(tokens, at + 1);
  bool probes = false;
  int items = 0;
  for (int guard = 0; guard < 20; ++guard) {
    while (walk.type() == Sql::kall) walk.step();
    probes = probes || walk.type() == Sql::probe || walk.type() == Sql::variable;
    if (walk.type() == Sql::arithmetic && items == 0) {  // select *
      walk.step();
      if (walk.type() == Sql::kfrom) return 0.55F;
    }
    const Operand item = walk.operand();
    if (item == Operand::none) break;
    ++items;
    if (item == Operand::select) return 0.6F;
    if (walk.type() == Sql::kas) {
      walk.step();
      if (walk.type() == Sql::name) walk.step();
    }
    if (walk.type() == Sql::comma || walk.type() == Sql::arithmetic || walk.type() == Sql::compare ||
        walk.type() == Sql::logic) {
      walk.step();
      continue;
    }
    break;
  }
  if (items == 0) return 0;
  if (walk.type() == Sql::kfrom) {
    walk.step();
    if (is_operand(walk.type()) || walk.type() == Sql::open) return probes ? 0.75F : 0.55F;
    return 0;
  }
  if (probes) return 0.6F;
  return 0;
}

// A statement behind a semicolon, or behind a value that it does not belong to. `at` is its first word.
float judge_statement(SqlTokens& tokens, std::size_t at, Ahead& ahead) {
  Walk walk(tokens, at);
  const SqlToken& word = tokens[at];
  if (word.type == Sql::kselect) return std::max(judge_select(tokens, at), 0.3F);
  if (word.type == Sql::kwait) return tokens[at + 1].type == Sql::kwait ? 0.9F : 0.3F;
  walk.step();
  const auto is = [&](std::string_view name) {
    return word.end - word.begin == name.size() && ahead.has(word.begin, name);
  };
  if (is("shutdown")) return 0.7F;
  if (is("drop") || is("truncate") || is("alter") || is("create")) {
    const SqlToken& what = walk.token();
    if (walk.type() == Sql::kobject || walk.type() == Sql::probe) return 0.75F;
    for (const std::string_view object : {"database", "index", "user", "view", "function", "schema", "procedure",
                                          "login", "role", "trigger", "temporary", "or"}) {
      if (what.end - what.begin == object.size() && ahead.has(what.begin, object)) return 0.7F;
    }
    return 0.2F;
  }
  if (is("declare")) return walk.type() == Sql::variable ? 0.85F : walk.type() == Sql::name ? 0.4F : 0;
  if (is("exec") || is("execute")) {
    return walk.type() == Sql::name || walk.type() == Sql::open || walk.type() == Sql::variable ? 0.6F : 0.2F;
  }
  if (is("insert")) return walk.type() == Sql::kinto || walk.type() == Sql::kselect ? 0.65F : 0.2F;
  if (is("delete")) return walk.type() == Sql::kfrom ? 0.65F : 0.3F;
  if (is("update")) {
    walk.operand();
    return walk.type() == Sql::kobject ? 0.65F : 0.2F;
  }
  if (is("goto")) return 0.4F;
  return 0.35F;
}

// The class of what stands at the end of `behind`, white space and comments passed by.
Left left_of(std::string_view behind) {
  while (!behind.empty()) {
    const int c = static_cast<unsigned char>(behind.back());
    if (is_space(c) || c == '+' || c == '(') {
      behind.remove_suffix(1);
    } else if (behind.ends_with("*/")) {
      const std::size_t open = behind.rfind("/*");
      if (open == std::string_view::npos) return Left::value;
      behind = behind.substr(0, open);
    } else {
      break;
    }
  }
  if (behind.empty()) return Left::nothing;
  const int c = static_cast<unsigned char>(behind.back());
  if (c == '\'' || c == '"') return Left::quote;
  if (is_digit(c)) return Left::value;
  if (c == ')') {
    // "(as seen) and": the parenthesis of a sentence. "1) and", "')) and" are not.
    std::size_t i = behind.size();
    while (i > 0 && (behind[i - 1] == ')' || behind[i - 1] == ' ')) --i;
    if (i > 0 && (behind[i - 1] == '\'' || behind[i - 1] == '"')) return Left::quote;
    return i > 0 && is_digit(static_cast<unsigned char>(behind[i - 1])) ? Left::value : Left::word;
  }
  return is_word(c) ? Left::word : Left::nothing;
}

Left left_of(SqlTokens& tokens, std::size_t at, SqlReading reading) {
  std::size_t i = at;
  while (i > 0 && (tokens[i - 1].type == Sql::comment || tokens[i - 1].type == Sql::open ||
                   tokens[i - 1].type == Sql::arithmetic)) {
    --i;
  }
  bool closed = false;
  while (i > 0 && tokens[i - 1].type == Sql::close) {
    --i;
    closed = true;
  }
  if (i == 0) return closed ? Left::value : Left::nothing;
  switch (tokens[i - 1].type) {
    case Sql::string:
      return i == 1 && reading.quote != 0 ? Left::quote : Left::value;
    case Sql::name:
      return closed ? Left::value : Left::word;
    default:
      return Left::value;
  }
}

// A query that can stand by itself is ordinary code; what is cut short or does not close what it opens is a part of
// one.
bool is_statement(SqlTokens& tokens) {
  if (tokens[0].type != Sql::kselect && tokens[0].type != Sql::kstatement) return false;
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].type == Sql::open) ++depth;
    if (tokens[i].type == Sql::close && --depth < 0) return false;
    if (tokens[i].type == Sql::comment && i + 1 == tokens.size()) return false;
  }
  if (!tokens.whole()) return true;
  if (depth != 0 || tokens.unclosed()) return false;
  const Sql last = tokens[tokens.size() - 1].type;
  return is_operand(last) || last == Sql::close || last == Sql::semicolon || last == Sql::kcase ||
         last == Sql::arithmetic;
}

// All that speaks for SQL in tokens that are to be SQL from the first one on.
float judge_tokens(Ahead& ahead, SqlTokens& tokens, SqlReading reading) {
  float best = 0;
  float sum = 0;
  const auto see = [&](float score) {
    best = std::max(best, score);
    sum += score;
  };
  int keywords = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    const Sql previous = i == 0 ? Sql::end : tokens[i - 1].type;
    switch (token.type) {
      case Sql::other:
        if (best < 0.7F) {
          const int c = ahead[token.begin];
          if (c != '{' && c != '}' && c != '\\' && c != '?' && c != ':' && c != '.') return best;
          if (i == 0 || (c == '?' && tokens.size() > 3)) return best;
        }
        break;
      case Sql::kunion:
        see(judge_union(tokens, i, left_of(tokens, i, reading)));
        break;
      case Sql::logic: {
        const Left left = left_of(tokens, i, reading);
        const float score = judge_logic(tokens, i, left == Left::nothing && reading.quote != 0 ? Left::quote : left);
        // What goes on a value that the text begins with is a payload; further on it may be anybody's condition.
        see(score <= 0.6F && i > 4 ? score * 0.7F : score);
        break;
      }
      case Sql::kselect:
        // Inside an expression it is a subquery; in front it is a statement.
        see(previous == Sql::open || previous == Sql::end || previous == Sql::semicolon || previous == Sql::comment
                ? std::max(judge_select(tokens, i), previous == Sql::open ? 0.5F : 0.0F)
            : reading.quote != 0 && i == 1 ? 0.8F
                                           : 0.2F);
        break;
      case Sql::semicolon:
        if (tokens[i + 1].type == Sql::kstatement || tokens[i + 1].type == Sql::kselect ||
            tokens[i + 1].type == Sql::kwait ||
            (tokens[i + 1].type == Sql::kcase && tokens[i + 2].type != Sql::name && tokens[i + 2].type != Sql::end)) {
          see(std::min(0.95F, judge_statement(tokens, i + 1, ahead) + (reading.quote != 0 || i <= 3 ? 0.25F : 0.1F)));
        }
        break;
      case Sql::kstatement:
      case Sql::kwait:
        if (previous != Sql::semicolon) {
          see(judge_statement(tokens, i, ahead) * (previous == Sql::name ? 0.5F : 1.0F) +
              (reading.quote != 0 && i <= 2 ? 0.3F : 0.0F));
        }
        break;
      case Sql::probe:
        see(previous == Sql::name ? 0.2F : 0.55F);
        break;
      case Sql::function:
        see(previous == Sql::name ? 0.1F : 0.3F);
        break;
      case Sql::variable:
        see(ahead[token.begin + 1] == '@' ? 0.5F : token.end - token.begin > 1 && i > 0 ? 0.2F : 0.1F);
        break;
      case Sql::comment: {
        // Cuts off what was to follow a value.
        if (i > 0 && i + 1 >= tokens.size() &&
            (is_operand(previous) || previous == Sql::close || previous == Sql::semicolon) && previous != Sql::name) {
          see(i == 1 && reading.quote == 0 ? 0.35F : reading.quote != 0 && i <= 2 ? 0.8F : 0.5F);
        } else if (i > 0 && tokens.size() > 2) {
          see(0.15F);
        }
        break;
      }
      case Sql::kinto:
        if (tokens[i + 1].type == Sql::kfile) see(0.9F);
        break;
      case Sql::korder:
        if (tokens[0].type == Sql::kselect) break;  // it has a query of its own to order
        if (tokens[i + 1].type == Sql::kby && (is_operand(tokens[i + 2].type) || tokens[i + 2].type == Sql::open)) {
          see(left_of(tokens, i, reading) == Left::word || left_of(tokens, i, reading) == Left::nothing ? 0.3F : 0.75F);
        }
        break;
      case Sql::khaving:
      case Sql::kwhere:
      case Sql::kfrom: {
        Walk walk(tokens, i + 1);
        const Left left = left_of(tokens, i, reading);
        const Operand first = walk.operand();
        if (first == Operand::none || left == Left::nothing) break;
        const bool sure = token.type == Sql::khaving && (first != Operand::name || compares(walk));
        see(sure ? 0.6F : 0.25F);
        break;
      }
      case Sql::klimit:
        if (tokens[i + 1].type == Sql::number || tokens[i + 1].type == Sql::name) {
          see(previous == Sql::name ? 0.1F : 0.4F);
        }
        break;
      case Sql::kcase:
        // Conditions over values: a sentence has names there.
        if (tokens[i + 1].type != Sql::name && ++keywords == 3) see(0.6F);
        break;
      case Sql::compare: {
        // A closed value compared with what opens the next one: both quotes are the statement's own.
        const Sql next = tokens[i + 1].type;
        const bool opens = next == Sql::string && i + 2 >= tokens.size();
        if (reading.quote != 0 && previous == Sql::string && i <= 2) {
          see(opens ? 0.75F : is_operand(next) || next == Sql::negate || next == Sql::arithmetic ? 0.35F : 0.1F);
        } else if (is_letter(ahead[token.begin]) && (previous == Sql::number || previous == Sql::variable) &&
                   tokens.size() <= 5 && is_operand(next) && next != Sql::name) {
          see(0.4F);
        } else if (opens && i <= 4) {
          see(reading.quote != 0 ? 0.4F : 0.1F);
        }
        break;
      }
      case Sql::arithmetic:
      case Sql::negate:
        if (reading.quote != 0 && i == 1) {
          const Sql next = tokens[i + 1].type;
          see(next == Sql::string && i + 2 >= tokens.size()                                                    ? 0.7F
              : next == Sql::variable || next == Sql::literal || next == Sql::function || next == Sql::compare ? 0.4F
                                                                                                               : 0.15F);
        }
        break;
      case Sql::literal:
        if (previous == Sql::compare || previous == Sql::arithmetic || previous == Sql::negate) see(0.3F);
        break;
      default:
        break;
    }
  }
  // The quote that the statement had opened is closed, its next one opened: between them stands nothing but an
  // expression.
  if (reading.quote != 0 && tokens.whole() && tokens.unclosed() && tokens.size() >= 3) {
    bool expression = true;
    bool joins = false;
    for (std::size_t i = 1; i + 1 < tokens.size() && expression; ++i) {
      const Sql type = tokens[i].type;
      const bool named = type == Sql::name || type == Sql::kobject;
      joins = joins || type == Sql::compare || type == Sql::logic || type == Sql::arithmetic || type == Sql::negate;
      expression = named ? i > 1 && tokens[i - 1].type != Sql::name
                         : is_operand(type) || type == Sql::compare || type == Sql::logic || type == Sql::arithmetic ||
                               type == Sql::negate || type == Sql::open || type == Sql::close || type == Sql::comment;
    }
    const Sql last = tokens[tokens.size() - 2].type;
    if (expression && joins && last != Sql::name && last != Sql::close) see(0.75F);
  }
  // A list of values and calls taken from somewhere, also where it is cut short or does not close what it opens.
  if (tokens[0].type == Sql::kselect && tokens[1].type != Sql::name) {
    for (std::size_t i = 2; i + 1 < tokens.size(); ++i) {
      if (tokens[i].type == Sql::kfrom && is_operand(tokens[i + 1].type)) see(0.5F);
    }
  } else if (tokens[0].type == Sql::kselect) {
    for (std::size_t i = 2; i + 1 < tokens.size(); ++i) {
      if (tokens[i].type == Sql::kfrom && tokens[2].type == Sql::comma) see(0.5F);
    }
  }
  const float score = std::min(0.95F, best + (sum - best) * 0.35F);
  return is_statement(tokens) && best < 0.7F ? std::min(score, 0.45F) : score;
}

}  // namespace

Verdict judge_sql_start(Ahead& ahead, std::size_t from) {
  Verdict verdict{.begin = from};
  // Cheap ways out: a sentence begins with a word, a blank and a word that is no keyword; that shows in a few tokens.
  const auto judge = [&](SqlReading reading) {
    SqlTokens tokens(ahead, from, reading);
    const float score = judge_tokens(ahead, tokens, reading);
    if (score > verdict.score) {
      verdict.score = score;
      verdict.end = tokens.end();
    }
    return tokens.spaced();
  };
  const bool spaced = judge({});
  bool plus = false;
  // The string that the text begins in ends soon, and holds a name rather than a sentence.
  const std::size_t most = from + 40;
  std::array<bool, 3> seen{};
  int words = 0;
  for (std::size_t at = from; at < most; ++at) {
    const int c = ahead[at];
    if (c < 0 || c == '\n') break;
    plus = plus || c == '+';
    if (c == ' ' && ++words > 2) break;
    const std::size_t kind = c == '\'' ? 0 : c == '"' ? 1 : c == '`' ? 2 : 3;
    if (kind > 1 || seen[kind]) continue;
    seen[kind] = true;
    judge({.quote = static_cast<char>(c)});
    if (!spaced) judge({.quote = static_cast<char>(c), .plus_is_space = true});
  }
  if (plus && !spaced) judge({.plus_is_space = true});
  if (verdict.score < 0.3F) verdict.score = 0;
  verdict.end = std::max(verdict.end, from + 1);
  return verdict;
}

Verdict judge_sql_at(Ahead& ahead, std::size_t at, std::string_view behind) {
  const Left left = left_of(behind);
  const bool plus = !behind.empty() && behind.back() == '+';
  SqlTokens tokens(ahead, at, {.plus_is_space = plus});
  Verdict verdict{.begin = at};
  switch (tokens[0].type) {
    case Sql::kunion:
      verdict.score = judge_union(tokens, 0, left);
      break;
    case Sql::logic: {
      verdict.score = judge_logic(tokens, 0, left);
      // In the middle of a text quotes are a sentence's as a rule, and conditions are code: only what compares
      // constants, or cuts off the rest, is a payload.
      Walk walk(tokens, 1);
      const Operand first = walk.operand();
      const bool compared = first != Operand::none && compares(walk);
      const Operand second = compared ? walk.operand() : Operand::none;
      const bool constant = first == Operand::value && (second == Operand::value || second == Operand::call);
      const bool cut = walk.commented() && left != Left::word;
      const bool asks = first == Operand::select || (first == Operand::call && second != Operand::none);
      if (left == Left::nothing || (!constant && !cut && !asks)) verdict.score = std::min(verdict.score, 0.3F);
      break;
    }
    case Sql::kselect:
      verdict.score = judge_select(tokens, 0);
      if (verdict && is_statement(tokens)) verdict.score = std::min(verdict.score, 0.45F);
      verdict.nature = Nature::code;
      break;
    case Sql::kstatement: {
      // Behind a semicolon that ends somebody else's statement.
      while (!behind.empty() && is_space(static_cast<unsigned char>(behind.back()))) behind.remove_suffix(1);
      if (!behind.ends_with(';')) break;
      const Left front = left_of(behind.substr(0, behind.size() - 1));
      const float statement = judge_statement(tokens, 0, ahead);
      if (statement <= 0.5F) break;
      verdict.score = front == Left::quote || front == Left::value ? statement + 0.15F : statement - 0.15F;
      if (front != Left::quote) verdict.nature = Nature::code;
      break;
    }
    case Sql::kfile:
      while (!behind.empty() && is_space(static_cast<unsigned char>(behind.back()))) behind.remove_suffix(1);
      if (behind.size() >= 4 && (behind.ends_with("into") || behind.ends_with("INTO")) &&
          tokens[1].type == Sql::string) {
        verdict.score = 0.7F;
      }
      break;
    case Sql::kwait:
      if (tokens[1].type == Sql::kwait && tokens[2].type == Sql::string) verdict.score = 0.75F;
      break;
    case Sql::probe: {
      Walk walk(tokens, 1);
      walk.step();
      const Sql first = walk.type();
      if (first == Sql::number || first == Sql::string || first == Sql::kselect || first == Sql::function ||
          first == Sql::open) {
        verdict.score = 0.65F;
      }
      break;
    }
    case Sql::comment: {
      // admin'-- : the quote was opened outside, so that on its line it has no partner.
      if (left != Left::quote || behind.empty() || (behind.back() != '\'' && behind.back() != '"')) break;
      const char quote = behind.back();
      const std::size_t line = behind.rfind('\n');
      const std::string_view on_line = line == std::string_view::npos ? behind : behind.substr(line + 1);
      const bool alone = std::ranges::count(on_line, quote) % 2 == 1;
      const int before = on_line.size() > 1 ? static_cast<unsigned char>(on_line[on_line.size() - 2]) : -1;
      const std::size_t marks = ahead[at] == '#' ? 1 : 2;
      const int next = ahead[at + marks];
      const bool nothing_follows = next < 0 || next == '\n' || next == '\r' || next == '`' || next == quote ||
                                   (next == ' ' && (ahead[at + marks + 1] < 0 || ahead[at + marks + 1] == '\n'));
      if (alone && is_word(before) && nothing_follows) verdict.score = 0.6F;
      verdict.end = at + marks;
      return verdict;
    }
    default:
      break;
  }
  verdict.end = tokens.end();
  return verdict;
}

}  // namespace gatehouse::guard::unsafe
