#include "gatehouse/guard/unsafe/shell_judge.h"

#include <algorithm>
#include <initializer_list>

namespace gatehouse::guard::unsafe {
namespace {

bool ends_command(int c) { return c < 0 || c == '\n' || c == ';' || c == '|' || c == '&' || c == '`' || c == ')'; }
bool is_blank(int c) { return c == ' ' || c == '\t'; }

// A command's words begin where a word does.
bool begins_word(std::string_view behind) {
  if (behind.empty()) return true;
  const int c = static_cast<unsigned char>(behind.back());
  return !is_word(c) && c != '-' && c != '.' && c != '$';
}

std::size_t word_end(Ahead& ahead, std::size_t at) {
  return ahead.find_if(at, [](int c) { return is_space(c) || ends_command(c) || c == '"' || c == '\''; });
}

std::size_t line_end(Ahead& ahead, std::size_t at) {
  // A backslash continues the line.
  for (;;) {
    at = ahead.find_if(at, [](int c) { return c == '\n'; });
    if (ahead[at] < 0 || at == 0 || ahead[at - 1] != '\\') return at;
    ++at;
  }
}

bool has_in(Ahead& ahead, std::size_t at, std::size_t end, std::string_view word) {
  const int first = static_cast<unsigned char>(word[0]);
  for (; at + word.size() <= end; ++at) {
    if (lower(ahead[at]) == first && ahead.has(at, word)) return true;
  }
  return false;
}

// Whether what is named at `at` is a root, a home or all of a system's folder.
float target_weight(Ahead& ahead, std::size_t at) {
  std::size_t i = at;
  if (ahead[i] == '"' || ahead[i] == '\'') ++i;
  const auto over = [&](std::size_t j) {
    if (ahead[j] == '/' && ahead[j + 1] == '*')
      j += 2;
    else if (ahead[j] == '/' || ahead[j] == '\\')
      ++j;
    if (ahead[j] == '*') ++j;
    const int c = ahead[j];
    return ends_command(c) || is_space(c) || c == '"' || c == '\'';
  };
  if (ahead[i] == '/') {
    if (over(i)) return 0.95F;
    for (const std::string_view folder :
         {"/etc", "/usr", "/bin", "/sbin", "/boot", "/var", "/lib", "/home", "/root", "/sys", "/dev", "/opt", "/srv",
          "/proc", "/users", "/system", "/library", "/mnt", "/lib64"}) {
      if (ahead.has(i, folder) && over(i + folder.size())) return 0.9F;
    }
    return 0.2F;
  }
  if (ahead[i] == '~' && over(i + 1)) return 0.85F;
  if (ahead.has(i, "$home") && over(i + 5)) return 0.85F;
  if (ahead.has(i, "${home}") && over(i + 7)) return 0.85F;
  if (is_letter(ahead[i]) && ahead[i + 1] == ':') {  // a drive
    std::size_t j = i + 2;
    while (ahead[j] == '\\' || ahead[j] == '/') ++j;
    if (ahead[j] == '*') ++j;
    const int c = ahead[j];
    if (ends_command(c) || is_space(c) || c == '"' || c == '\'' || ahead.has(j, "windows") || ahead.has(j, "users")) {
      return 0.9F;
    }
  }
  if (ahead[i] == '*' && over(i)) return 0.45F;
  return 0.1F;
}

// The options and operands of rm and its like.
float judge_rm(Ahead& ahead, std::size_t at) {
  bool deep = false;
  float target = 0;
  for (int guard = 0; guard < 16; ++guard) {
    while (is_blank(ahead[at]) || (ahead[at] == '\\' && ahead[at + 1] == '\n')) ++at;
    if (ends_command(ahead[at])) break;
    const std::size_t end = word_end(ahead, at);
    if (ahead[at] == '-' && ahead[at + 1] == '-') {
      deep = deep || ahead.has(at, "--recursive") || ahead.has(at, "--no-preserve-root");
      if (ahead.has(at, "--no-preserve-root")) target = std::max(target, 0.9F);
    } else if (ahead[at] == '-') {
      for (std::size_t i = at + 1; i < end; ++i) deep = deep || lower(ahead[i]) == 'r';
    } else {
      target = std::max(target, target_weight(ahead, at));
    }
    at = std::max(end, at + 1);
  }
  return deep ? std::max(target, 0.2F) : 0;
}

// A shell or interpreter by which what comes through a pipe is run; `at` is behind the bar.
bool runs_input(Ahead& ahead, std::size_t at) {
  at = ahead.skip_blanks(at);
  for (const std::string_view before : {"sudo ", "exec ", "env ", "nohup "}) {
    if (ahead.has(at, before)) at = ahead.skip_blanks(at + before.size());
  }
  for (int guard = 0; guard < 4 && ahead[at] == '-'; ++guard) at = ahead.skip_blanks(word_end(ahead, at));
  for (const std::string_view folder : {"/usr/bin/", "/bin/", "/usr/local/bin/"}) {
    if (ahead.has(at, folder)) {
      at += folder.size();
      break;
    }
  }
  for (const std::string_view shell :
       {"sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "python", "python3", "perl", "ruby", "node", "php", "iex",
        "invoke-expression", "powershell", "pwsh", "cmd"}) {
    if (!ahead.has(at, shell)) continue;
    const int c = ahead[at + shell.size()];
    if (!is_word(c) && c != '.' && c != '-' && c != '/') return true;
  }
  return false;
}

// A bar behind which a shell stands, on this line; `at` if there is none.
std::size_t piped_shell(Ahead& ahead, std::size_t at, std::size_t end) {
  for (std::size_t i = at; i < end; ++i) {
    if (ahead[i] == '|' && ahead[i + 1] != '|' && runs_input(ahead, i + 1)) return i;
  }
  return at;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> tails) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '"' || text.back() == '\'')) text.remove_suffix(1);
  return std::ranges::any_of(tails, [text](std::string_view tail) {
    return text.size() >= tail.size() && std::ranges::equal(text.substr(text.size() - tail.size()), tail,
                                                            [](char a, char b) { return lower(a) == b; });
  });
}

}  // namespace

Verdict judge_destroy(Ahead& ahead, std::size_t at, std::string_view behind) {
  if (!begins_word(behind)) return {};
  Verdict verdict{.nature = Nature::hazard, .begin = at};
  const std::size_t end = line_end(ahead, at);
  const std::size_t name_end = ahead.find_if(at, [](int c) { return !is_alnum(c) && c != '-' && c != '.'; });
  const auto is = [&](std::string_view name) { return name_end - at == name.size() && ahead.has(at, name); };
  const auto has = [&](std::string_view part) { return has_in(ahead, name_end, end, part); };
  if (is("rm")) {
    verdict.score = judge_rm(ahead, name_end);
  } else if (ahead.has(at, "mkfs")) {
    verdict.score = has("/dev/") ? 0.85F : 0;
  } else if (is("dd") || is("shred") || is("wipefs") || is("blkdiscard")) {
    verdict.score = has("of=/dev/sd") || has("of=/dev/nvme") || has("of=/dev/hd") || has("of=/dev/disk") ||
                            (!is("dd") && has(" /dev/"))
                        ? 0.85F
                        : 0;
  } else if (is("chmod") || is("chown")) {
    const bool deep = has(" -r") || has("--recursive");
    const std::size_t last = ahead.find_if(name_end, [](int c) { return c == '/'; });
    if (deep && last < end && is_blank(ahead[last - 1])) {
      const float target = target_weight(ahead, last);
      verdict.score = target >= 0.9F ? 0.8F : 0;
    }
  } else if (is("del") || is("erase") || is("rd") || is("rmdir")) {
    const std::size_t drive = ahead.find_if(name_end, [](int c) { return c == ':' || c == '\n'; });
    if ((has("/s") || has("/q")) && ahead[drive] == ':' && drive > name_end) {
      verdict.score = target_weight(ahead, drive - 1) >= 0.9F ? 0.85F : 0.3F;
    }
  } else if (is("format") || is("format.com")) {
    const std::size_t drive = ahead.skip_blanks(name_end);
    if (is_letter(ahead[drive]) && ahead[drive + 1] == ':' &&
        (has("/q") || has("/y") || has("/fs") || is_space(ahead[drive + 2]) || ahead[drive + 2] < 0)) {
      verdict.score = 0.7F;
    }
  } else if (is("remove-item") || is("ri")) {
    const std::size_t drive = ahead.find_if(name_end, [](int c) { return c == ':' || c == '\n'; });
    if (has("-recurse") && ahead[drive] == ':' && target_weight(ahead, drive - 1) >= 0.9F) verdict.score = 0.85F;
  } else if (is("vssadmin") || is("wbadmin")) {
    verdict.score = has("delete") ? 0.85F : 0;
  } else if (is("wevtutil")) {
    verdict.score = has(" cl ") ? 0.7F : 0;
  } else if (is("cipher")) {
    verdict.score = has("/w:") ? 0.6F : 0;
  } else if (is("shutil.rmtree") || is("rmtree")) {
    const std::size_t open = ahead.skip_space(name_end);
    if (ahead[open] == '(' && target_weight(ahead, ahead.skip_space(open + 1)) >= 0.85F) verdict.score = 0.85F;
  }
  verdict.end = std::max(end, at + 1);
  return verdict;
}

Verdict judge_fetch(Ahead& ahead, std::size_t at, std::string_view behind) {
  const std::size_t end = line_end(ahead, at);
  Verdict verdict{.nature = Nature::hazard, .begin = at, .end = std::max(end, at + 1)};
  const auto has = [&](std::string_view part) { return has_in(ahead, at, end, part); };
  if (ahead.has(at, "curl") || ahead.has(at, "wget")) {
    if (!begins_word(behind) || !(is_blank(ahead[at + 4]) || ahead[at + 4] == '\\')) return {};
    const std::size_t bar = piped_shell(ahead, at + 4, end);
    const bool fetches = has("http") || has("ftp:") || has("://") || has("$") || has(".");
    if (bar > at + 4 && fetches) {
      verdict.score = 0.8F;
    } else if (ends_with_any(behind, {"<(", "sh -c $(", "sh -c \"$(", "eval $(", "eval \"$(", "sh -c `", "eval `"})) {
      verdict.score = 0.8F;
    } else if (has("chmod +x") && (has("&& ./") || has("; ./") || has(";./") || has("&&./"))) {
      verdict.score = 0.6F;
    } else if ((has(" -d @/etc/") || has("@/etc/passwd") || has("@~/.ssh") || has("@/root/") || has("$(cat ") ||
                has("`cat ") || has("$(env")) &&
               fetches) {
      verdict.score = 0.8F;  // sends files out
    }
    return verdict;
  }
  if (ahead.has(at, "base64")) {
    if (!begins_word(behind)) return {};
    const std::size_t bar = piped_shell(ahead, at, end);
    if ((has(" -d") || has("--decode")) && bar > at) verdict.score = 0.85F;
    return verdict;
  }
  if (ahead.has(at, "powershell") || ahead.has(at, "pwsh")) {
    // -EncodedCommand, which may be cut to -e, and what it runs.
    for (std::size_t i = at; i + 2 < end; ++i) {
      if (ahead[i] != '-' && ahead[i] != '/') continue;
      if (lower(ahead[i + 1]) != 'e') continue;
      const std::size_t option_end = ahead.find_if(i + 1, [](int c) { return !is_letter(c); });
      const bool encoded = option_end - i <= 16 && !ahead.has(i + 1, "ex") && !ahead.has(i + 1, "er");
      const std::size_t data = ahead.skip_blanks(option_end);
      const std::size_t data_end =
          ahead.find_if(data, [](int c) { return !is_alnum(c) && c != '+' && c != '/' && c != '='; });
      if (encoded && data > option_end && data_end - data >= 16) {
        verdict.score = 0.9F;
        return verdict;
      }
    }
    if ((has("downloadstring") || has("invoke-webrequest") || has("iwr ") || has("downloadfile")) &&
        (has("iex") || has("invoke-expression") || has("start-process"))) {
      verdict.score = 0.85F;
    }
    return verdict;
  }
  if (ahead.has(at, "iex") || ahead.has(at, "invoke-expression")) {
    if (!begins_word(behind)) return {};
    if (has("downloadstring") || has("frombase64string") || has("iwr") || has("invoke-webrequest") ||
        has("invoke-restmethod") || has("irm ")) {
      verdict.score = 0.85F;
    }
    return verdict;
  }
  if (ahead.has(at, "certutil") || ahead.has(at, "bitsadmin")) {
    verdict.score = (has("urlcache") || has("/transfer")) && has("http") ? 0.75F : 0;
    return verdict;
  }
  if (ahead.has(at, "mshta") || ahead.has(at, "regsvr32") || ahead.has(at, "rundll32")) {
    verdict.score = has("http") || has("javascript:") || has("vbscript:") ? 0.85F : 0;
    return verdict;
  }
  return {};
}

Verdict judge_remote_shell(Ahead& ahead, std::size_t at, std::string_view behind) {
  const std::size_t end = line_end(ahead, at);
  Verdict verdict{.nature = Nature::hazard, .begin = at, .end = std::max(end, at + 1)};
  const auto has = [&](std::string_view part) { return has_in(ahead, at, end, part); };
  const bool shell = has("/bin/sh") || has("/bin/bash") || has("cmd.exe") || has("/bin/zsh") || has("bash -i") ||
                     has("sh -i") || has("powershell");
  if (ahead.has(at, "/dev/tcp/") || ahead.has(at, "/dev/udp/")) {
    const std::size_t host = at + 9;
    const std::size_t port = ahead.find_if(host, [](int c) { return c == '/' || is_space(c) || ends_command(c); });
    if (ahead[port] == '/' && (is_digit(ahead[port + 1]) || ahead[port + 1] == '$')) {
      const bool both = has("0>&1") || has("<&1") || has("2>&1") || ends_with_any(behind, {"<>", ">&", "0<&"});
      verdict.score = both ? 0.95F : 0.6F;
    }
    return verdict;
  }
  if (ahead.has(at, "mkfifo") || ahead.has(at, "mknod")) {
    verdict.score = shell && (has("nc ") || has("telnet ") || has("openssl ") || has("ncat ")) ? 0.95F : 0;
    return verdict;
  }
  if (ahead.has(at, "socat")) {
    verdict.score = has("exec:") && (has("tcp:") || has("tcp-connect") || has("tcp4:") || has("openssl")) ? 0.9F : 0;
    return verdict;
  }
  if (ahead.has(at, "nc") || ahead.has(at, "ncat") || ahead.has(at, "netcat")) {
    if (!begins_word(behind)) return {};
    verdict.score =
        (has(" -e ") || has(" -c ") || has("-e /") || has(" --exec") || has("e /bin/")) && shell ? 0.95F : 0;
    return verdict;
  }
  // A script in one line that ties a socket to a shell; judged at the first socket in it.
  const std::size_t line = behind.rfind('\n');
  const std::string_view front = line == std::string_view::npos ? behind : behind.substr(line + 1);
  if (front.find("ocket") != std::string_view::npos) return {};
  int parts = 0;
  for (const std::string_view part :
       {"socket", "dup2", "pty.spawn", "subprocess", "/bin/sh", "/bin/bash", "exec(", "fsockopen", "inet_aton",
        "sockaddr_in", "connect(", "cmd.exe", "tcpclient", "getstream", "tcpsocket", "open(stdin"}) {
    if (has(part)) ++parts;
  }
  verdict.score = parts >= 4 ? 0.95F : parts == 3 && shell ? 0.85F : 0;
  return verdict;
}

Verdict judge_fork_bomb(Ahead& ahead, std::size_t at) {
  // NAME ( ) { NAME | NAME & } ; NAME
  std::size_t i = at;
  while (is_word(ahead[i]) || ahead[i] == ':' || ahead[i] == '.') ++i;
  const std::size_t size = i - at;
  if (size == 0 || size > 16) return {};
  const auto sign = [&](char wanted) {
    i = ahead.skip_space(i);
    if (ahead[i] != wanted) return false;
    ++i;
    return true;
  };
  const auto name = [&] {
    i = ahead.skip_space(i);
    for (std::size_t k = 0; k < size; ++k) {
      if (ahead[i + k] != ahead[at + k]) return false;
    }
    i += size;
    return true;
  };
  if (!sign('(') || !sign(')') || !sign('{') || !name() || !sign('|') || !name() || !sign('&')) return {};
  sign(';');
  if (!sign('}') || !sign(';') || !name()) return {};
  return {.score = 0.95F, .nature = Nature::hazard, .begin = at, .end = i};
}

Verdict judge_appended(Ahead& ahead, std::size_t at, std::string_view behind) {
  // The separator in front, and what it is put behind: a value that was to end there, or a command of a script.
  while (!behind.empty() && is_space(static_cast<unsigned char>(behind.back()))) behind.remove_suffix(1);
  std::size_t separators = 0;
  bool substitution = false;
  while (!behind.empty() && (behind.back() == ';' || behind.back() == '|' || behind.back() == '&' ||
                             behind.back() == '(' || behind.back() == '`' || behind.back() == '$')) {
    substitution = substitution || behind.ends_with("$(") || behind.back() == '`';
    behind.remove_suffix(1);
    ++separators;
  }
  if (separators == 0) return {};
  const int before = behind.empty() ? '\n' : static_cast<unsigned char>(behind.back());
  const bool behind_value = before == '"' || before == '\'' || is_digit(before);
  const std::size_t end = line_end(ahead, at);
  Verdict verdict{.nature = Nature::payload, .begin = at, .end = std::max(word_end(ahead, at), at + 1)};
  for (const std::string_view reader : {"cat ", "type ", "less ", "head ", "tail ", "more "}) {
    if (!ahead.has(at, reader)) continue;
    if (has_in(ahead, at, end, "/etc/passwd") || has_in(ahead, at, end, "/etc/shadow") ||
        has_in(ahead, at, end, "win.ini") || has_in(ahead, at, end, ".ssh/")) {
      verdict.score = substitution || behind_value ? 0.85F : 0.7F;
      verdict.end = std::max(end, at + 1);
    }
    return verdict;
  }
  for (const std::string_view command : {"whoami", "id", "uname -a"}) {
    if (!ahead.has(at, command)) continue;
    const int c = ahead[at + command.size()];
    if (substitution) {
      const bool alone = c == ')' || c == '`';
      if (alone) verdict.score = command == "id" ? 0.4F : 0.5F;
    } else if (behind_value && (ends_command(c) || c == '"' || c == '\'' || c == '#' || is_space(c))) {
      verdict.score = 0.65F;
    }
    return verdict;
  }
  return {};
}

}  // namespace gatehouse::guard::unsafe
