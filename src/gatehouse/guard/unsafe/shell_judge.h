#pragma once

#include <cstddef>
#include <string_view>

#include "gatehouse/guard/unsafe/ahead.h"

namespace gatehouse::guard::unsafe {

// Whether a command destroys, fetches code and runs it, or hands a shell to somebody else. Pure. `at` is the first
// letter of the word that gave the hint; `behind` what stands in front of it.

inline constexpr std::size_t kShellReach = 512;
inline constexpr std::size_t kShellBehind = 96;

// rm, del, rd, rmdir, format, mkfs, dd, shred, chmod, chown, remove-item ...
Verdict judge_destroy(Ahead& ahead, std::size_t at, std::string_view behind);
// curl, wget, powershell, iex, certutil, base64 ...: what is fetched or decoded, then run.
Verdict judge_fetch(Ahead& ahead, std::size_t at, std::string_view behind);
// /dev/tcp/, nc -e, mkfifo, socket and dup2 ...
Verdict judge_remote_shell(Ahead& ahead, std::size_t at, std::string_view behind);
// ":(){", by its colon.
Verdict judge_fork_bomb(Ahead& ahead, std::size_t at);
// What is put behind a value to run a command: ; cat /etc/passwd, | id, $(whoami). `at` is the command.
Verdict judge_appended(Ahead& ahead, std::size_t at, std::string_view behind);

}  // namespace gatehouse::guard::unsafe
