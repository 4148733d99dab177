#include "gatehouse/guard/terms/term_pattern.h"

#include <hs.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/guard/terms/term_syntax.h"

namespace gatehouse::guard {
namespace {

std::unique_ptr<const re2::RE2> compile(const std::string& expression, bool caseless) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_case_sensitive(!caseless);
  options.set_log_errors(false);
  options.set_max_mem(4 << 20);
  auto made = std::make_unique<const re2::RE2>(expression, options);
  if (!made->ok()) return nullptr;
  return made;
}

}  // namespace

TermPattern::TermPattern() = default;
TermPattern::TermPattern(TermPattern&&) noexcept = default;
TermPattern& TermPattern::operator=(TermPattern&&) noexcept = default;
TermPattern::~TermPattern() = default;

Result<TermPattern> TermPattern::parse(std::string_view pattern, bool caseless) {
  const auto refuse = [&](std::string_view why) {
    return fail(Code::configuration, fmt::format("the pattern is refused: {}", why));
  };
  if (pattern.size() > kLongest) return refuse("it is longer than 1024 bytes");
  Result<term_syntax::Node> node = term_syntax::parse(pattern);
  if (!node) return refuse(node.error().detail);
  const term_syntax::Width width = term_syntax::measure(*node, caseless);
  if (!width.why.empty()) return refuse(width.why);
  if (width.least < 2) return refuse("it can match less than two bytes");
  if (width.least > kWidest || (width.most != term_syntax::kNoBound && width.most > kWidest)) {
    return refuse("it can match more than 256 bytes");
  }
  if (width.parts > kMostParts) return refuse("it is too large once its repeats are written out");
  if (!width.rare) return refuse("ordinary words match it; it needs a literal, digits or a sign");

  TermPattern made;
  term_syntax::write(made.expression_, *node);
  std::string prefix;
  term_syntax::write_prefix(prefix, *node);
  made.backward_ = compile("((?:" + made.expression_ + "))\\z", caseless);
  made.prefix_ = compile("((?:" + prefix + "))\\z", caseless);
  if (!made.backward_ || !made.prefix_) return refuse("the library cannot compile it");
  hs_compile_error_t* error = nullptr;
  hs_database_t* database = nullptr;
  if (hs_compile(made.expression_.c_str(), caseless ? HS_FLAG_CASELESS : 0, HS_MODE_BLOCK, nullptr, &database,
                 &error) != HS_SUCCESS) {
    const std::string why = error != nullptr && error->message != nullptr ? error->message : "no reason given";
    hs_free_compile_error(error);
    return refuse(why);
  }
  hs_free_database(database);
  return made;
}

std::size_t TermPattern::begin_of(std::string_view text, std::size_t end) const {
  const re2::StringPiece piece(text.data(), end);
  re2::StringPiece match;
  const std::size_t from = end - std::min(end, kWidest);
  if (!backward_->Match(piece, from, end, re2::RE2::UNANCHORED, &match, 1) || match.empty())
    return std::string_view::npos;
  return static_cast<std::size_t>(match.data() - text.data());
}

std::size_t TermPattern::open_from(std::string_view text, std::size_t from) const {
  from = std::max(from, text.size() - std::min(text.size(), kWidest));
  const re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece match;
  if (!prefix_->Match(piece, from, text.size(), re2::RE2::UNANCHORED, &match, 1)) return text.size();
  return match.empty() ? text.size() : static_cast<std::size_t>(match.data() - text.data());
}

}  // namespace gatehouse::guard
