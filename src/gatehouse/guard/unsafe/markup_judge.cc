#include "gatehouse/guard/unsafe/markup_judge.h"

#include <algorithm>
#include <array>
#include <span>

namespace gatehouse::guard::unsafe {
namespace {

int hex_value(int c) {
  if (is_digit(c)) return c - '0';
  return is_hex(c) ? lower(c) - 'a' + 10 : -1;
}

// A value as it will be understood: decoded, in lower case, without white space, control characters and comments.
class Plain {
 public:
  std::string_view text() const { return {buffer_.data(), size_}; }
  bool has(std::string_view part) const { return text().find(part) != std::string_view::npos; }
  bool begins(std::string_view part) const { return text().starts_with(part); }
  bool has_any(std::span<const std::string_view> parts) const {
    return std::ranges::any_of(parts, [this](std::string_view part) { return has(part); });
  }

  Plain(Ahead& ahead, std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end && size_ < buffer_.size();) at = one(ahead, at, end);
  }

 private:
  void put(unsigned code) {
    if (code <= ' ' || code == 0x7F || size_ == buffer_.size()) return;
    buffer_[size_++] = code < 0x80 ? static_cast<char>(lower(static_cast<int>(code))) : '?';
    if (size_ >= 4 && text().ends_with("*/")) {
      const std::size_t open = text().rfind("/*");
      if (open != std::string_view::npos && open + 2 <= size_ - 2) size_ = open;
    }
  }

  std::size_t one(Ahead& ahead, std::size_t at, std::size_t end) {
    const int c = ahead[at];
    if (c == '&') return reference(ahead, at, end);
    if (c == '%' && hex_value(ahead[at + 1]) >= 0 && hex_value(ahead[at + 2]) >= 0) {
      put(static_cast<unsigned>(hex_value(ahead[at + 1]) * 16 + hex_value(ahead[at + 2])));
      return at + 3;
    }
    if (c == '\\') {
      std::size_t digits = at + 1;
      if (lower(ahead[digits]) == 'u' || lower(ahead[digits]) == 'x') ++digits;
      unsigned code = 0;
      std::size_t i = digits;
      while (i < end && i < digits + 6 && hex_value(ahead[i]) >= 0 && (digits == at + 1 || i < digits + 4)) {
        code = code * 16 + static_cast<unsigned>(hex_value(ahead[i]));
        ++i;
      }
      if (i >= digits + 2) {
        put(code);
        return i;
      }
      return at + 1;  // the sign behind it stands for itself
    }
    put(static_cast<unsigned>(std::max(c, 0)));
    return at + 1;
  }

  // &#106 &#x6a; &colon; : with or without the semicolon, as browsers do.
  std::size_t reference(Ahead& ahead, std::size_t at, std::size_t end) {
    std::size_t i = at + 1;
    if (ahead[i] == '#') {
      ++i;
      const bool hex = lower(ahead[i]) == 'x';
      if (hex) ++i;
      const std::size_t first = i;
      unsigned code = 0;
      while (i < end && i < first + 12 && (hex ? is_hex(ahead[i]) : is_digit(ahead[i]))) {
        code = std::min(code * (hex ? 16 : 10) + static_cast<unsigned>(hex_value(ahead[i])), 0x110000U);
        ++i;
      }
      if (i == first) {
        put('&');
        return at + 1;
      }
      put(code);
      return ahead[i] == ';' ? i + 1 : i;
    }
    struct Name {
      std::string_view name;
      char is;
    };
    constexpr Name kNames[] = {{"colon;", ':'},  {"tab;", ' '},  {"newline;", ' '}, {"lpar;", '('},   {"rpar;", ')'},
                               {"lt;", '<'},     {"gt;", '>'},   {"quot;", '"'},    {"apos;", '\''},  {"amp;", '&'},
                               {"period;", '.'}, {"nbsp;", ' '}, {"excl;", '!'},    {"sol;", '/'},    {"grave;", '`'},
                               {"equals;", '='}, {"semi;", ';'}, {"comma;", ','},   {"lbrack;", '['}, {"bsol;", '\\'}};
    for (const Name& name : kNames) {
      if (ahead.has(i, name.name)) {
        put(static_cast<unsigned char>(name.is));
        return i + name.name.size();
      }
    }
    put('&');
    return at + 1;
  }

  std::array<char, 192> buffer_;
  std::size_t size_ = 0;
};

// What scripts of payloads reach for; ordinary handlers call a function of their page.
constexpr std::string_view kReaches[] = {
    "alert",       "prompt", "confirm",      "eval",          "document.", "cookie",     "location", "window.",
    "window[",     "fetch(", "import",       "atob",          "fromchar",  "settimeout", "xmlhttp",  "write(",
    "constructor", "msgbox", "this.on",      "javascript:",   "self[",     "top[",       "parent[",  "globalthis",
    "sendbeacon",  "throw",  "localstorage", "console.log(1", "action="};

bool is_script_scheme(const Plain& value) {
  const std::string_view text = value.text();
  for (const std::string_view scheme : {"javascript:", "vbscript:", "livescript:", "mocha:"}) {
    if (text.starts_with(scheme)) return true;
  }
  return false;
}
bool is_script_data(const Plain& value) {
  if (!value.begins("data:")) return false;
  return value.has("html") || value.has("svg") || value.has("script") || value.has("xml") || value.begins("data:,") ||
         value.has("x509") || value.has("base64");
}
bool is_harmless_scheme(const Plain& value) {
  const std::string_view text = value.text();
  return text == "javascript:void(0)" || text == "javascript:void(0);" || text == "javascript:;" ||
         text == "javascript:";
}

enum class Tag : std::uint8_t { plain, script, style, frame, object, meta, base, link, form, image };
Tag tag_of(std::string_view name) {
  const auto among = [name](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
  };
  if (among({"script"})) return Tag::script;
  if (among({"style"})) return Tag::style;
  if (among({"iframe", "frame"})) return Tag::frame;
  if (among({"object", "embed", "applet", "xml", "bgsound"})) return Tag::object;
  if (among({"meta"})) return Tag::meta;
  if (among({"base"})) return Tag::base;
  if (among({"link", "import"})) return Tag::link;
  if (among({"form", "isindex", "button", "input"})) return Tag::form;
  if (among({"img", "image", "video", "audio", "source", "picture"})) return Tag::image;
  return Tag::plain;
}

// A value of an attribute that is a URL.
bool takes_url(std::string_view name) {
  constexpr std::string_view kNames[] = {"href",   "src",    "action",  "formaction", "xlink:href", "data",
                                         "code",   "from",   "to",      "values",     "background", "poster",
                                         "dynsrc", "lowsrc", "content", "srcset",     "by",         "archive",
                                         "cite",   "srcdoc", "x:href",  "classid",    "codebase"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

bool styles_with_script(const Plain& style) {
  constexpr std::string_view kSigns[] = {"expression(", "javascript:", "vbscript:", "-moz-binding", "behavior:",
                                         "@import",     "onload=",     "onerror=",  "-o-link"};
  return style.has_any(kSigns);
}

class TagJudge {
 public:
  TagJudge(Ahead& ahead, std::size_t at) : ahead_(ahead), verdict_{.begin = at}, at_(at + 1) {}

  Verdict judge() {
    while (ahead_[at_] == '<' || ahead_[at_] == '/') {
      closing_ = closing_ || ahead_[at_] == '/';
      ++at_;
    }
    read_name();
    if (size_ == 0) return {};
    tag_ = tag_of({name_.data(), size_});
    attributes();
    if (!closing_) {
      if (tag_ == Tag::script) script();
      if (tag_ == Tag::style) style();
    }
    verdict_.end = std::max(at_, verdict_.begin + 1);
    return verdict_;
  }

 private:
  void see(float score, Nature nature) {
    if (score <= verdict_.score) return;
    verdict_.score = score;
    verdict_.nature = nature;
  }

  void read_name() {
    for (;; ++at_) {
      const int c = ahead_[at_];
      if (c == 0) continue;
      if (c == '%' && ahead_[at_ + 1] == '0' && ahead_[at_ + 2] == '0') {
        at_ += 2;
        continue;
      }
      if (!is_alnum(c) && c != ':' && c != '-') break;
      if (size_ == name_.size()) {  // longer than any that matters
        at_ = ahead_.find_if(at_, [](int b) { return !is_alnum(b); });
        break;
      }
      name_[size_++] = static_cast<char>(lower(c));
    }
    if (ahead_[at_] == '&') at_ = ahead_.find_if(at_, [](int c) { return c == ';' || c == '>' || is_space(c); });
  }

  // Up to the `>` that ends the tag, or to the end of what may be seen.
  void attributes() {
    for (;;) {
      const int c = ahead_[at_];
      if (c < 0) return;
      if (c == '>') {
        ++at_;
        return;
      }
      if (c == '<' && !closing_ && count_ > 0) return;  // another tag begins in this one
      if (!is_letter(c)) {
        if (c == '"' || c == '\'' || c == '`') skip_quoted(c);
        ++at_;
        continue;
      }
      const std::size_t name_begin = at_;
      at_ = ahead_.find_if(at_, [](int b) { return !is_alnum(b) && b != ':' && b != '-' && b != '_'; });
      const std::size_t name_end = at_;
      // What stands between a name and its sign, odd characters included.
      std::size_t sign = ahead_.skip_space(at_);
      if (ahead_[sign] == '&' && ahead_.has(sign, "&#61")) {
        sign += 4;
        at_ = ahead_[sign] == ';' ? sign + 1 : sign;
      } else if (ahead_[sign] == '=') {
        at_ = sign + 1;
      } else {
        ++count_;
        continue;
      }
      ++count_;
      at_ = ahead_.skip_space(at_);
      std::size_t begin = at_;
      std::size_t end = at_;
      const int quote = ahead_[at_];
      if (quote == '"' || quote == '\'' || quote == '`') {
        begin = at_ + 1;
        end = ahead_.find_if(begin, [quote](int b) { return b == quote; });
        at_ = ahead_[end] < 0 ? end : end + 1;
      } else {
        end = ahead_.find_if(at_, [](int b) { return is_space(b) || b == '>'; });
        at_ = end;
      }
      attribute(name_begin, name_end, begin, end);
      if (count_ > 64) return;
    }
  }

  void skip_quoted(int quote) {
    const std::size_t end = ahead_.find_if(at_ + 1, [quote](int b) { return b == quote || b == '>'; });
    if (ahead_[end] == quote) at_ = end;
  }

  void attribute(std::size_t name_begin, std::size_t name_end, std::size_t begin, std::size_t end) {
    std::array<char, 24> name;
    const std::size_t size = std::min(name_end - name_begin, name.size());
    for (std::size_t i = 0; i < size; ++i) name[i] = static_cast<char>(lower(ahead_[name_begin + i]));
    const std::string_view key(name.data(), size);
    const Plain value(ahead_, begin, end);
    const std::string_view text = value.text();
    if (key.starts_with("on") && key.size() >= 5 && !text.empty()) {
      see(value.has_any(kReaches) ? 0.9F : 0.6F, value.has_any(kReaches) ? Nature::payload : Nature::code);
    } else if (key == "style" || key == "background") {
      if (styles_with_script(value)) see(0.9F, Nature::payload);
    } else if (key == "srcdoc" && value.has("<")) {
      see(value.has_any(kReaches) || value.has("script") ? 0.9F : 0.5F, Nature::payload);
    } else if (takes_url(key)) {
      url(key, value);
    } else if (key == "http-equiv") {
      refreshes_ = value.begins("refresh") || value.begins("link");
      if (refreshes_ && tag_ == Tag::meta && target_) see(0.6F, Nature::code);
    } else if (key == "rel") {
      if (tag_ == Tag::link && (text == "stylesheet" || text == "import")) {
        sheet_ = true;
        if (target_) see(0.5F, Nature::code);
      }
    } else if (key == "type" && tag_ == Tag::style && value.has("javascript")) {
      see(0.7F, Nature::payload);
    }
    // A handler inside of a value that another reader takes for none.
    if (value.has("onerror=") || value.has("onload=") || value.has("<script")) see(0.6F, Nature::payload);
  }

  void url(std::string_view key, const Plain& value) {
    const std::string_view text = value.text();
    // The URL of a refresh stands behind its seconds; an image's source may hide the scheme in a comment.
    const bool inside = value.has("javascript:") || value.has("vbscript:");
    if (is_script_scheme(value) || (inside && (key == "content" || tag_ == Tag::image || value.has("url=")))) {
      see(is_harmless_scheme(value) ? 0.3F : 0.9F, is_harmless_scheme(value) ? Nature::code : Nature::payload);
      return;
    }
    if (is_script_data(value) && tag_ != Tag::image) {
      see(value.has("base64") || value.has_any(kReaches) || value.has("<") ? 0.85F : 0.7F, Nature::payload);
      return;
    }
    const bool foreign = text.starts_with("//") || text.starts_with("http:") || text.starts_with("https:");
    switch (tag_) {
      case Tag::script:
        if (foreign || text.starts_with("data:")) see(0.7F, Nature::payload);
        if (!text.empty()) see(0.5F, Nature::code);
        break;
      case Tag::frame:
      case Tag::object:
        if (!text.empty()) see(foreign ? 0.6F : 0.5F, Nature::code);
        break;
      case Tag::meta:
        target_ = value.has("url=") || value.has("data:") || value.has("<http");
        if (refreshes_ && target_) see(value.has("data:") ? 0.85F : 0.6F, Nature::code);
        break;
      case Tag::base:
        see(0.55F, Nature::code);
        break;
      case Tag::link:
        target_ = foreign;
        if (sheet_ && target_) see(0.5F, Nature::code);
        break;
      default:
        if (key == "xlink:href" && foreign) see(0.55F, Nature::code);
        break;
    }
  }

  // The tag is mentioned in a sentence, or it has something in it.
  void script() {
    if (ahead_[at_] == '`') return see(0.3F, Nature::code);
    const Plain content(ahead_, at_, std::min(ahead_.end(), at_ + 160));
    ahead_[std::min(ahead_.end(), at_ + 160)];  // what it is depends on all of it
    if (content.has_any(kReaches)) {
      see(0.85F, Nature::payload);
    } else if (content.has("</script") || content.has("();") || content.has(";//")) {
      see(0.6F, Nature::code);
    } else {
      see(0.4F, Nature::code);
    }
  }

  void style() {
    const Plain content(ahead_, at_, std::min(ahead_.end(), at_ + 192));
    ahead_[std::min(ahead_.end(), at_ + 192)];
    if (styles_with_script(content) && !content.begins("@importurl(\"https") && !content.begins("@importurl('https")) {
      see(0.7F, Nature::payload);
    }
  }

  Ahead& ahead_;
  Verdict verdict_;
  std::size_t at_;
  std::array<char, 12> name_;
  std::size_t size_ = 0;
  Tag tag_ = Tag::plain;
  int count_ = 0;
  bool closing_ = false;
  bool refreshes_ = false;
  bool target_ = false;
  bool sheet_ = false;
};

bool inside_tag(std::string_view behind) {
  const std::size_t open = behind.rfind('<');
  if (open == std::string_view::npos || open + 1 >= behind.size() ||
      !(is_letter(static_cast<unsigned char>(behind[open + 1])) || behind[open + 1] == '/')) {
    return false;
  }
  return behind.find('>', open) == std::string_view::npos;
}

}  // namespace

Verdict judge_tag(Ahead& ahead, std::size_t at) { return TagJudge(ahead, at).judge(); }

Verdict judge_handler(Ahead& ahead, std::size_t at, std::string_view behind) {
  const int before = behind.empty() ? ' ' : static_cast<unsigned char>(behind.back());
  if (is_word(before) || before == '.' || before == '-' || before == '$' || inside_tag(behind)) return {};
  std::size_t i = ahead.find_if(at, [](int c) { return !is_letter(c); });
  i = ahead.skip_space(i);
  if (ahead[i] != '=') return {};
  i = ahead.skip_space(i + 1);
  const std::size_t end = ahead.find_if(i, [](int c) { return c == '>' || c == '\n'; });
  const Plain value(ahead, i, std::min(end, i + 160));
  Verdict verdict{.begin = at, .end = std::max(end, at + 1)};
  if (value.has_any(kReaches) && (value.has("(") || value.has("`") || value.has("="))) {
    const bool breaks_out = before == '"' || before == '\'' || before == '/' || behind.find('"') != behind.npos ||
                            behind.find('\'') != behind.npos || ahead[end] == '>' || behind.empty();
    verdict.score = breaks_out ? 0.7F : 0.4F;
  }
  return verdict;
}

Verdict judge_script_url(Ahead& ahead, std::size_t at, std::string_view behind) {
  if (inside_tag(behind)) return {};
  const std::size_t end = ahead.find_if(at, [](int c) { return c == '\n' || c == '"' || c == '<' || c == ' '; });
  const Plain value(ahead, at, std::min(end, at + 160));
  Verdict verdict{.begin = at, .end = std::max(end, at + 1)};
  if (!is_script_scheme(value) || is_harmless_scheme(value)) return {};
  const bool link = behind.ends_with("](") || behind.ends_with("](<") || behind.ends_with("]: ");
  const bool reaches = value.has_any(std::span(kReaches).first(7)) || value.has("eval") || value.has("fetch(");
  const std::string_view code = value.text().substr(value.text().find(':') + 1);
  if (code.empty()) return {};
  verdict.score = link ? 0.85F : reaches && (code.find('(') != code.npos || code.find('`') != code.npos) ? 0.65F : 0.2F;
  return verdict;
}

}  // namespace gatehouse::guard::unsafe
