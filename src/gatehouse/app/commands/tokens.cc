#include "gatehouse/app/commands/tokens.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "gatehouse/app/commands/text_input.h"
#include "gatehouse/base/error.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/tokens/model_tokens.h"
#include "gatehouse/llm/tokens/request_tokens.h"
#include "gatehouse/llm/tokens/tokenizer.h"

namespace gatehouse::app {
namespace {

int say_error(const std::string& text) {
  std::fprintf(stderr, "gatehouse: %s\n", text.c_str());
  return 2;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void write_parts(json::Writer& writer, const llm::RequestTokens& parts) {
  writer.key("text").integer(static_cast<std::int64_t>(parts.text));
  writer.key("overhead").integer(static_cast<std::int64_t>(parts.overhead));
  writer.key("tools").integer(static_cast<std::int64_t>(parts.tools));
  writer.key("images").integer(static_cast<std::int64_t>(parts.images));
  writer.key("messages").integer(parts.messages);
  writer.key("uncounted_parts").integer(parts.uncounted);
}

}  // namespace

CLI::App* add_tokens_command(CLI::App& app, TokensOptions& options) {
  auto* command = app.add_subcommand("tokens", "count the tokens of a text, or with --chat of a chat request");
  command->add_option("-m,--model", options.model, "the model that decides the encoding (o200k_base without one)");
  command->add_option("-e,--encoding", options.encoding, "cl100k_base, o200k_base or o200k_harmony");
  command->add_flag("--chat", options.chat, "the input is the JSON body of a chat completion");
  command->add_flag("--ids", options.ids, "print the ids")->excludes("--chat");
  command->add_flag("--json", options.json, "one JSON object");
  command->add_option("file", options.file, "what to read; - for standard input");
  return command;
}

int run_tokens_command(const TokensOptions& options) {
  llm::ModelTokens model = llm::tokens_of_model(options.model.empty() ? "gpt-4o" : options.model);
  if (!options.encoding.empty()) {
    const auto named = llm::encoding_from_name(options.encoding);
    if (!named) return say_error(options.encoding + ": no such encoding (cl100k_base, o200k_base, o200k_harmony)");
    model = {.encoding = *named, .exact = true, .family = llm::ModelFamily::openai};
  }
  const auto input = read_input(options.file);
  if (!input) return say_error(input.error().to_string());

  std::optional<llm::RequestTokens> parts;
  std::vector<std::uint32_t> ids;
  std::uint64_t counted = 0;
  if (options.chat) {
    const auto request = llm::count_chat(model, options.model, *input);
    if (!request) return say_error(request.error().to_string());
    parts = *request;
    counted = request->total();
  } else if (options.ids) {
    ids = llm::encode(model.encoding, *input);
    counted = ids.size();
  } else {
    counted = llm::count_tokens(model.encoding, *input);
  }
  const auto estimate = static_cast<std::uint64_t>(static_cast<double>(counted) * model.factor + 0.5);

  std::string out;
  if (options.json) {
    json::Writer writer(out);
    writer.begin_object().key("tokens").integer(static_cast<std::int64_t>(estimate));
    writer.key("encoding").string(llm::name(model.encoding)).key("exact").boolean(model.exact);
    if (!model.exact) {
      writer.key("counted").integer(static_cast<std::int64_t>(counted)).key("factor").number(model.factor);
      writer.key("family").string(llm::name(model.family));
    }
    writer.key("bytes").integer(static_cast<std::int64_t>(input->size()));
    if (parts) write_parts(writer, *parts);
    if (options.ids) {
      writer.key("ids").begin_array();
      for (const std::uint32_t id : ids) writer.integer(id);
      writer.end_array();
    }
    writer.end_object();
    out += '\n';
  } else {
    if (options.ids) out = fmt::format("{}\n", fmt::join(ids, " "));
    out += fmt::format("{}\n", estimate);
    if (!model.exact) {
      std::fprintf(stderr, "an estimate: %llu tokens of %s, times %.2f for %s\n",
                   static_cast<unsigned long long>(counted), std::string(llm::name(model.encoding)).c_str(),
                   model.factor, std::string(llm::name(model.family)).c_str());
    }
  }
  print(out);
  return 0;
}

}  // namespace gatehouse::app
