#include "gatehouse/llm/usage_reader.h"

#include <algorithm>
#include <array>
#include <limits>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::llm {
namespace {

using json::Kind;
using json::Member;

constexpr std::array<std::string_view, kUsageApiCount> kPaths = {
    "usage", "response.usage", "usage", "usageMetadata", "usage", "usage", "usage_info"};

std::uint64_t count(const Member& member) { return json::read_count(member.value).value_or(0); }

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

void raise(std::uint64_t& to, const Member& member) { to = std::max(to, count(member)); }

// Parts never exceed what they are parts of (xAI was seen to report more cached than sent).
Usage bounded(Usage usage) {
  if (usage.total_tokens == 0) usage.total_tokens = add(usage.prompt_tokens, usage.completion_tokens);
  const auto cut = [](std::uint64_t& part, std::uint64_t whole) { part = std::min(part, whole); };
  cut(usage.cached_tokens, usage.prompt_tokens);
  cut(usage.cache_write_tokens, usage.prompt_tokens - usage.cached_tokens);
  cut(usage.cache_write_1h_tokens, usage.cache_write_tokens);
  cut(usage.prompt_audio_tokens, usage.prompt_tokens);
  cut(usage.prompt_image_tokens, usage.prompt_tokens - usage.prompt_audio_tokens);
  cut(usage.prompt_video_tokens, usage.prompt_tokens - usage.prompt_audio_tokens - usage.prompt_image_tokens);
  cut(usage.cached_audio_tokens, std::min(usage.cached_tokens, usage.prompt_audio_tokens));
  cut(usage.cached_image_tokens, std::min(usage.cached_tokens - usage.cached_audio_tokens, usage.prompt_image_tokens));
  cut(usage.reasoning_tokens, usage.completion_tokens);
  cut(usage.completion_audio_tokens, usage.completion_tokens);
  cut(usage.completion_image_tokens, usage.completion_tokens - usage.completion_audio_tokens);
  cut(usage.completion_video_tokens,
      usage.completion_tokens - usage.completion_audio_tokens - usage.completion_image_tokens);
  cut(usage.citation_tokens, usage.completion_tokens);
  return usage;
}

void read_prompt_details(std::string_view object, Usage& usage) {
  json::walk_object(object, [&usage](const Member& part) {
    if (part.key == "cached_tokens") raise(usage.cached_tokens, part);
    if (part.key == "cache_write_tokens") raise(usage.cache_write_tokens, part);
    if (part.key == "audio_tokens") raise(usage.prompt_audio_tokens, part);
    if (part.key == "image_tokens") raise(usage.prompt_image_tokens, part);
    if (part.key == "cached_tokens_details" && part.kind == Kind::object) {
      json::walk_object(part.value, [&usage](const Member& cached) {
        if (cached.key == "audio_tokens") raise(usage.cached_audio_tokens, cached);
        if (cached.key == "image_tokens") raise(usage.cached_image_tokens, cached);
      });
    }
  });
}

void read_completion_details(std::string_view object, Usage& usage) {
  json::walk_object(object, [&usage](const Member& part) {
    if (part.key == "reasoning_tokens") raise(usage.reasoning_tokens, part);
    if (part.key == "audio_tokens") raise(usage.completion_audio_tokens, part);
    if (part.key == "image_tokens") raise(usage.completion_image_tokens, part);
  });
}

// OpenAI's own fields and, besides, those of DeepSeek (prompt_cache_hit_tokens), Mistral (num_cached_tokens),
// Perplexity (reasoning_tokens, citation_tokens, num_search_queries) and Moonshot (cached_tokens).
Usage read_openai(std::string_view raw) {
  Usage usage;
  const bool whole = json::walk_object(raw, [&usage](const Member& member) {
    const auto is = [&member](std::string_view key) { return member.key == key; };
    if (member.kind == Kind::number) {
      // The newer half of OpenAI's API (images, transcriptions, responses) says input and output.
      if (is("prompt_tokens") || is("input_tokens")) {
        usage.prompt_tokens = count(member);
        usage.known = true;
      } else if (is("completion_tokens") || is("output_tokens")) {
        usage.completion_tokens = count(member);
        usage.known = true;
      } else if (is("total_tokens")) {
        usage.total_tokens = count(member);
      } else if (is("prompt_cache_hit_tokens") || is("num_cached_tokens") || is("cached_tokens")) {
        raise(usage.cached_tokens, member);
      } else if (is("reasoning_tokens")) {
        raise(usage.reasoning_tokens, member);
      } else if (is("citation_tokens")) {
        raise(usage.citation_tokens, member);
      } else if (is("num_search_queries")) {
        raise(usage.web_searches, member);
      } else if (is("seconds")) {
        // Transcriptions charged by time: {"type": "duration", "seconds": 9}.
        const double seconds = json::read_number(member.value).value_or(0);
        if (seconds > 0 && seconds < 1e12) {
          usage.audio_seconds = static_cast<std::uint64_t>(seconds);
          if (static_cast<double>(usage.audio_seconds) < seconds) ++usage.audio_seconds;
          usage.known = true;
        }
      }
    } else if (member.kind == Kind::object) {
      if (is("prompt_tokens_details") || is("prompt_token_details") || is("input_tokens_details") ||
          is("input_token_details")) {
        read_prompt_details(member.value, usage);
      } else if (is("completion_tokens_details") || is("output_tokens_details") || is("output_token_details")) {
        read_completion_details(member.value, usage);
      }
    }
  });
  if (!whole) return {};
  // Embedding and rerank servers may tell a total alone: all of it is input.
  if (!usage.known && usage.total_tokens > 0) {
    usage.prompt_tokens = usage.total_tokens;
    usage.known = true;
  }
  if (!usage.known) return {};
  // xAI leaves the reasoning out of the completion but not out of the total, Perplexity that and the citations.
  const std::uint64_t apart = add(usage.reasoning_tokens, usage.citation_tokens);
  if (apart > 0 && usage.total_tokens == add(add(usage.prompt_tokens, usage.completion_tokens), apart)) {
    usage.completion_tokens = add(usage.completion_tokens, apart);
  }
  return bounded(usage);
}

// input_tokens leaves out what was read from the cache or written to it.
Usage read_anthropic(std::string_view raw) {
  Usage usage;
  std::uint64_t fresh = 0;
  std::uint64_t five_minutes = 0;
  const bool whole = json::walk_object(raw, [&](const Member& member) {
    if (member.key == "input_tokens" && member.kind == Kind::number) {
      fresh = count(member);
      usage.known = true;
    } else if (member.key == "output_tokens" && member.kind == Kind::number) {
      usage.completion_tokens = count(member);
      usage.known = true;
    } else if (member.key == "cache_read_input_tokens") {
      usage.cached_tokens = count(member);
    } else if (member.key == "cache_creation_input_tokens") {
      usage.cache_write_tokens = count(member);
    } else if (member.kind != Kind::object) {
      return;
    } else if (member.key == "cache_creation") {
      json::walk_object(member.value, [&](const Member& part) {
        if (part.key == "ephemeral_1h_input_tokens") usage.cache_write_1h_tokens = count(part);
        if (part.key == "ephemeral_5m_input_tokens") five_minutes = count(part);
      });
    } else if (member.key == "output_tokens_details") {
      json::walk_object(member.value, [&usage](const Member& part) {
        if (part.key == "thinking_tokens" || part.key == "reasoning_tokens") raise(usage.reasoning_tokens, part);
      });
    } else if (member.key == "server_tool_use") {
      json::walk_object(member.value, [&usage](const Member& part) {
        if (part.key == "web_search_requests") usage.web_searches = count(part);
      });
    }
  });
  if (!whole || !usage.known) return {};
  usage.cache_write_tokens = std::max(usage.cache_write_tokens, add(usage.cache_write_1h_tokens, five_minutes));
  usage.prompt_tokens = add(fresh, add(usage.cached_tokens, usage.cache_write_tokens));
  return bounded(usage);
}

struct Modalities {
  std::uint64_t audio = 0;
  std::uint64_t image = 0;  // documents are charged as images
  std::uint64_t video = 0;
};

Modalities read_modalities(const Member& member) {
  Modalities found;
  if (member.kind != Kind::array) return found;
  json::walk_array(member.value, [&found](const json::Element& element) {
    if (element.kind != Kind::object) return;
    std::string_view modality;
    std::uint64_t tokens = 0;
    json::walk_object(element.value, [&](const Member& part) {
      if (part.key == "modality") modality = part.value;
      if (part.key == "tokenCount") tokens = count(part);
    });
    if (modality == "\"AUDIO\"") found.audio = add(found.audio, tokens);
    if (modality == "\"IMAGE\"" || modality == "\"DOCUMENT\"") found.image = add(found.image, tokens);
    if (modality == "\"VIDEO\"") found.video = add(found.video, tokens);
  });
  return found;
}

// candidatesTokenCount leaves out the thoughts, promptTokenCount holds what was cached but not what tools brought in.
Usage read_gemini(std::string_view raw) {
  Usage usage;
  std::uint64_t tool_prompt = 0;
  std::uint64_t thoughts = 0;
  Modalities of_tools;
  const bool whole = json::walk_object(raw, [&](const Member& member) {
    const auto is = [&member](std::string_view key) { return member.key == key; };
    if (is("promptTokenCount")) {
      usage.prompt_tokens = count(member);
      usage.known = usage.known || member.kind == Kind::number;
    } else if (is("candidatesTokenCount") || is("responseTokenCount")) {
      usage.completion_tokens = count(member);
      usage.known = usage.known || member.kind == Kind::number;
    } else if (is("totalTokenCount")) {
      usage.total_tokens = count(member);
    } else if (is("thoughtsTokenCount")) {
      thoughts = count(member);
    } else if (is("toolUsePromptTokenCount")) {
      tool_prompt = count(member);
    } else if (is("cachedContentTokenCount")) {
      usage.cached_tokens = count(member);
    } else if (is("promptTokensDetails")) {
      const Modalities found = read_modalities(member);
      usage.prompt_audio_tokens = found.audio;
      usage.prompt_image_tokens = found.image;
      usage.prompt_video_tokens = found.video;
    } else if (is("toolUsePromptTokensDetails")) {
      of_tools = read_modalities(member);
    } else if (is("cacheTokensDetails")) {
      const Modalities found = read_modalities(member);
      usage.cached_audio_tokens = found.audio;
      usage.cached_image_tokens = found.image;
    } else if (is("candidatesTokensDetails") || is("responseTokensDetails")) {
      const Modalities found = read_modalities(member);
      usage.completion_audio_tokens = found.audio;
      usage.completion_image_tokens = found.image;
      usage.completion_video_tokens = found.video;
    }
  });
  // A total alone, or thoughts alone, when it stopped before it answered.
  usage.known = usage.known || thoughts > 0 || usage.total_tokens > 0;
  if (!whole || !usage.known) return {};
  if (usage.prompt_tokens == 0 && usage.completion_tokens == 0 && thoughts == 0 && tool_prompt == 0) {
    usage.prompt_tokens = usage.total_tokens;
  }
  usage.prompt_tokens = add(usage.prompt_tokens, tool_prompt);
  usage.prompt_audio_tokens = add(usage.prompt_audio_tokens, of_tools.audio);
  usage.prompt_image_tokens = add(usage.prompt_image_tokens, of_tools.image);
  usage.prompt_video_tokens = add(usage.prompt_video_tokens, of_tools.video);
  usage.completion_tokens = add(usage.completion_tokens, thoughts);
  usage.reasoning_tokens = thoughts;
  return bounded(usage);
}

// inputTokens leaves out the cache, as with Anthropic.
Usage read_bedrock(std::string_view raw) {
  Usage usage;
  std::uint64_t fresh = 0;
  const bool whole = json::walk_object(raw, [&](const Member& member) {
    const auto is = [&member](std::string_view key) { return member.key == key; };
    if (is("inputTokens") && member.kind == Kind::number) {
      fresh = count(member);
      usage.known = true;
    } else if (is("outputTokens") && member.kind == Kind::number) {
      usage.completion_tokens = count(member);
      usage.known = true;
    } else if (is("totalTokens")) {
      usage.total_tokens = count(member);
    } else if (is("cacheReadInputTokens") || is("cacheReadInputTokenCount")) {
      raise(usage.cached_tokens, member);
    } else if (is("cacheWriteInputTokens") || is("cacheWriteInputTokenCount")) {
      raise(usage.cache_write_tokens, member);
    } else if (is("cacheDetails") && member.kind == Kind::array) {
      json::walk_array(member.value, [&usage](const json::Element& element) {
        if (element.kind != Kind::object) return;
        if (json::find(element.value, "ttl") != "\"1h\"") return;
        const auto tokens = json::read_count(json::find(element.value, "inputTokens")).value_or(0);
        usage.cache_write_1h_tokens = add(usage.cache_write_1h_tokens, tokens);
      });
    }
  });
  if (!whole || !usage.known) return {};
  usage.prompt_tokens = add(fresh, add(usage.cached_tokens, usage.cache_write_tokens));
  return bounded(usage);
}

// Charged is `billed_units`, which leaves out what Cohere itself adds to a prompt; `tokens` where there is none.
Usage read_cohere(std::string_view raw) {
  Usage billed;
  Usage tokens;
  std::uint64_t cached = 0;
  const auto read = [](std::string_view object, Usage& to) {
    json::walk_object(object, [&to](const Member& part) {
      if (part.kind != Kind::number) return;
      if (part.key == "input_tokens") {
        to.prompt_tokens = count(part);
        to.known = true;
      } else if (part.key == "output_tokens") {
        to.completion_tokens = count(part);
        to.known = true;
      } else if (part.key == "images" || part.key == "search_units" || part.key == "classifications") {
        to.known = true;
      }
    });
  };
  const bool whole = json::walk_object(raw, [&](const Member& member) {
    if (member.key == "cached_tokens") cached = count(member);
    if (member.kind != Kind::object) return;
    if (member.key == "billed_units") read(member.value, billed);
    if (member.key == "tokens") read(member.value, tokens);
  });
  Usage usage = billed.known ? billed : tokens;
  if (!whole || !usage.known) return {};
  usage.cached_tokens = cached;
  return bounded(usage);
}

Usage read_mistral_ocr(std::string_view raw) {
  Usage usage;
  const bool whole = json::walk_object(raw, [&usage](const Member& member) {
    if (member.key != "pages_processed" || member.kind != Kind::number) return;
    usage.pages = count(member);
    usage.known = true;
  });
  return whole && usage.known ? usage : Usage{};
}

}  // namespace

std::string_view usage_path(UsageApi api) { return kPaths[static_cast<std::size_t>(api)]; }

Usage read_usage(UsageApi api, std::string_view raw) {
  switch (api) {
    case UsageApi::openai:
    case UsageApi::realtime:
      return read_openai(raw);
    case UsageApi::anthropic:
      return read_anthropic(raw);
    case UsageApi::gemini:
      return read_gemini(raw);
    case UsageApi::bedrock:
      return read_bedrock(raw);
    case UsageApi::cohere:
      return read_cohere(raw);
    case UsageApi::mistral_ocr:
      return read_mistral_ocr(raw);
  }
  return {};
}

Usage merge_usage(const Usage& earlier, const Usage& later) {
  Usage usage = later;
  const auto raise_to = [](std::uint64_t& to, std::uint64_t other) { to = std::max(to, other); };
  raise_to(usage.prompt_tokens, earlier.prompt_tokens);
  raise_to(usage.completion_tokens, earlier.completion_tokens);
  raise_to(usage.cached_tokens, earlier.cached_tokens);
  raise_to(usage.cache_write_tokens, earlier.cache_write_tokens);
  raise_to(usage.reasoning_tokens, earlier.reasoning_tokens);
  raise_to(usage.prompt_audio_tokens, earlier.prompt_audio_tokens);
  raise_to(usage.completion_audio_tokens, earlier.completion_audio_tokens);
  raise_to(usage.cache_write_1h_tokens, earlier.cache_write_1h_tokens);
  raise_to(usage.cached_audio_tokens, earlier.cached_audio_tokens);
  raise_to(usage.cached_image_tokens, earlier.cached_image_tokens);
  raise_to(usage.prompt_image_tokens, earlier.prompt_image_tokens);
  raise_to(usage.prompt_video_tokens, earlier.prompt_video_tokens);
  raise_to(usage.completion_image_tokens, earlier.completion_image_tokens);
  raise_to(usage.completion_video_tokens, earlier.completion_video_tokens);
  raise_to(usage.citation_tokens, earlier.citation_tokens);
  raise_to(usage.web_searches, earlier.web_searches);
  raise_to(usage.file_searches, earlier.file_searches);
  raise_to(usage.pages, earlier.pages);
  raise_to(usage.audio_seconds, earlier.audio_seconds);
  raise_to(usage.images, earlier.images);
  usage.known = earlier.known || later.known;
  const std::uint64_t sum = add(usage.prompt_tokens, usage.completion_tokens);
  usage.total_tokens = std::max({earlier.total_tokens, later.total_tokens, sum});
  return bounded(usage);
}

}  // namespace gatehouse::llm
