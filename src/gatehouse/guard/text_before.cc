#include "gatehouse/guard/text_before.h"

#include <algorithm>
#include <cstring>

namespace gatehouse::guard {
namespace {

constexpr std::uint16_t kMostMarks = 0xFFFF;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

FenceState::Language language_of(std::string_view name) {
  using enum FenceState::Language;
  constexpr std::string_view kShell[] = {"bash", "sh",           "shell", "zsh",  "console",    "terminal",
                                         "fish", "ksh",          "bat",   "cmd",  "ps1",        "powershell",
                                         "pwsh", "shellsession", "dos",   "dash", "dockerfile", "batch"};
  constexpr std::string_view kSql[] = {"sql", "mysql", "pgsql", "postgres", "postgresql", "plsql", "tsql", "sqlite"};
  constexpr std::string_view kMarkup[] = {"html", "xml", "svg",    "xhtml",      "vue", "jsx",
                                          "tsx",  "php", "svelte", "handlebars", "ejs", "htm"};
  const auto among = [name](const auto& names) { return std::ranges::find(names, name) != std::end(names); };
  if (among(kShell)) return shell;
  if (among(kSql)) return sql;
  if (among(kMarkup)) return markup;
  return other;
}

}  // namespace

void FenceState::open() {
  mark_ = run_mark_;
  length_ = run_;
  language_ = Language::other;
  name_size_ = 0;
  phase_ = Phase::info;
}

void FenceState::end_of_line() {
  if (phase_ == Phase::marks) {
    if (mark_ == 0) {
      if (run_ >= 3) open();
    } else if (run_mark_ == mark_ && run_ >= length_) {
      mark_ = 0;
      language_ = Language::none;
    }
  }
  if (phase_ == Phase::info) language_ = language_of({name_.data(), static_cast<std::size_t>(name_size_ & 0x7F)});
  phase_ = Phase::start;
  indent_ = 0;
  run_ = 0;
  run_mark_ = 0;
  blank_after_ = false;
}

void FenceState::feed(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (phase_ == Phase::rest) {
      const void* line_end = std::memchr(text.data() + at, '\n', text.size() - at);
      if (line_end == nullptr) return;
      at = static_cast<std::size_t>(static_cast<const char*>(line_end) - text.data());
    }
    const char c = text[at];
    if (c == '\n') {
      end_of_line();
      continue;
    }
    switch (phase_) {
      case Phase::start:
        if (c == ' ' || c == '\t' || c == '>') {
          if (++indent_ > 32) phase_ = Phase::rest;
        } else if (c == '`' || c == '~') {
          run_mark_ = c;
          run_ = 1;
          phase_ = Phase::marks;
        } else {
          phase_ = Phase::rest;
        }
        break;
      case Phase::marks:
        if (c == run_mark_ && !blank_after_) {
          run_ = std::min<std::uint16_t>(run_, kMostMarks - 1) + 1;
        } else if (c == ' ' || c == '\t' || c == '\r') {
          blank_after_ = true;
        } else if (mark_ == 0 && run_ >= 3 && c != '`') {
          open();
          name_[name_size_++] = lower(c);
        } else {
          phase_ = Phase::rest;
        }
        break;
      case Phase::info:
        if (c == '`' && mark_ == '`') {  // code within a line that has three marks in front
          mark_ = 0;
          language_ = Language::none;
          phase_ = Phase::rest;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '{' || c == ',' || c == ':') {
          name_size_ |= 0x80;  // the first word is over
        } else if ((name_size_ & 0x80) == 0 && name_size_ < name_.size()) {
          name_[name_size_++] = lower(c);
        }
        break;
      case Phase::rest:
        break;
    }
  }
}

void TextBefore::advance(std::string_view gone) {
  bytes_ += gone.size();
  characters_ += static_cast<std::size_t>(
      std::ranges::count_if(gone, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  fence_.feed(gone);
}

}  // namespace gatehouse::guard
