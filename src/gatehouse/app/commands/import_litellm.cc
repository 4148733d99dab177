#include "gatehouse/app/commands/import_litellm.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "gatehouse/app/migrate/litellm.h"
#include "gatehouse/config/tree.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app::commands {
namespace {

int could_not(const std::string& file, const std::string& why) {
  std::fprintf(stderr, "gatehouse: %s: %s\n", file.c_str(), why.c_str());
  return 2;
}

void write_all(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

// For the owner alone, since keys may stand in it. Null, or why not.
const char* create(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno == EEXIST ? "is there already and is not overwritten" : std::strerror(errno);
  std::FILE* const file = ::fdopen(fd, "w");
  if (file == nullptr) {
    ::close(fd);
    return "cannot be written";
  }
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && written ? nullptr : "could not be written whole";
}

std::string as_json(const migrate::Imported& made, const std::string& output) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("ok").boolean(!made.important());
  writer.key("providers").unsigned_integer(made.providers).key("models").unsigned_integer(made.models);
  if (output.empty()) {
    writer.key("yaml").string(made.yaml);
  } else {
    writer.key("output").string(output);
  }
  writer.key("notes").begin_array();
  for (const auto& note : made.notes) {
    writer.begin_object().key("line").unsigned_integer(note.line).key("path").string(note.path);
    writer.key("fate").string(migrate::name(note.fate)).key("text").string(note.text).end_object();
  }
  writer.end_array().end_object();
  return out + "\n";
}

// What was carried over as it stands needs no word.
std::string as_text(const migrate::Imported& made, const std::string& input) {
  std::string out;
  std::size_t important = 0;
  for (const auto& note : made.notes) {
    if (note.fate == migrate::Fate::carried) continue;
    important += note.fate == migrate::Fate::important ? 1 : 0;
    out += input + (note.line == 0 ? "" : ":" + std::to_string(note.line)) + ": " +
           std::string(migrate::name(note.fate)) + ": " + note.path + ": " + note.text + "\n";
  }
  return out + std::to_string(made.providers) + " providers and " + std::to_string(made.models) +
         " models carried over, " + std::to_string(important) + " important things were not\n";
}

}  // namespace

int import_litellm(const ImportLitellm& options) {
  std::ifstream file(options.input, std::ios::binary);
  if (!file) return could_not(options.input, "cannot be read");
  std::string text(config::kMostFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return could_not(options.input, "cannot be read");
  const auto made = migrate::from_litellm(text);
  if (!made) return could_not(options.input, made.error().detail);
  if (!options.output.empty()) {
    if (const char* why = create(options.output, made->yaml)) return could_not(options.output, why);
  }
  if (options.as_json) {
    write_all(stdout, as_json(*made, options.output));
  } else {
    if (options.output.empty()) write_all(stdout, made->yaml);
    write_all(stderr, as_text(*made, options.input));
  }
  return made->important() ? 1 : 0;
}

}  // namespace gatehouse::app::commands
