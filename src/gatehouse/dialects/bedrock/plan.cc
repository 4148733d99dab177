#include "gatehouse/dialects/bedrock/plan.h"

#include <algorithm>

#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::bedrock {
namespace {

using llm::Effort;
using Mode = llm::ToolChoice::Mode;
using Rules = anthropic::ModelRules;

class Planner {
 public:
  Planner(const llm::ChatRequest& request, const Target& target, const ModelTraits& traits,
          const Conversation& conversation, Losses& losses)
      : request_(request), target_(target), traits_(traits), conversation_(conversation), losses_(losses) {}

  Plan plan() {
    plan_.max_tokens = request_.max_tokens;
    if (plan_.max_tokens == 0) plan_.max_tokens.reset();
    tools();
    choice();
    format();
    switch (traits_.thinking) {
      case ModelTraits::Thinking::claude:
        claude_thinking();
        break;
      case ModelTraits::Thinking::nova:
        nova_thinking();
        break;
      default:
        other_thinking();
    }
    sampling();
    return std::move(plan_);
  }

 private:
  void drop(Setting setting) { losses_.drop(caller_name(request_.dialect, setting)); }

  void tools() {
    const auto& allowed = request_.tool_choice.allowed;
    for (const llm::Tool& tool : request_.tools) {
      if (allowed.empty() || std::ranges::find(allowed, tool.name) != allowed.end()) plan_.tools.push_back(&tool);
    }
    plan_.tools_of_history = plan_.tools.empty() && conversation_.tools_used;
  }

  void choice() {
    using Choice = Plan::Choice;
    const auto& wish = request_.tool_choice;
    if (plan_.tools.empty()) return;
    if (request_.parallel_tool_calls == false) drop(Setting::parallel);
    switch (wish.mode) {
      case Mode::automatic:
        plan_.choice = wish.given && traits_.tool_choice ? Choice::automatic : Choice::unsaid;
        return;
      case Mode::none:
        if (conversation_.tools_used) {
          // Calls may not stand in the conversation without toolConfig, and it knows no "none".
          plan_.tools_forbidden = true;
          drop(Setting::tool_choice);
        } else {
          plan_.tools.clear();
        }
        return;
      case Mode::named:
        if (traits_.named_tool) {
          plan_.choice = Choice::named;
          return;
        }
        if (traits_.any_tool) {
          std::erase_if(plan_.tools, [&](const llm::Tool* tool) { return tool->name != wish.name; });
          if (!plan_.tools.empty()) {
            plan_.choice = Choice::any;
            return;
          }
          tools();
        }
        drop(Setting::tool_choice);
        return;
      case Mode::required:
        if (traits_.any_tool) {
          plan_.choice = Choice::any;
        } else {
          drop(Setting::tool_choice);
        }
    }
  }

  void format() {
    using Format = Plan::Format;
    if (request_.format.kind == llm::OutputFormat::Kind::text) return;
    if (request_.format.kind == llm::OutputFormat::Kind::json_object) {
      plan_.format = Format::words;
      return;
    }
    if (traits_.json_schema && !target_.quirks.refuses_any(llm::Quirks::json_schema)) {
      plan_.format = Format::native;
      return;
    }
    // A turn that has to be a call of a tool is no answer yet.
    if (plan_.choice == Plan::Choice::any || plan_.choice == Plan::Choice::named) return;
    if (!traits_.any_tool || plan_.tools_forbidden) {
      plan_.format = Format::words;
      return;
    }
    plan_.format = Format::tool;
    plan_.choice = plan_.tools.empty() && traits_.named_tool ? Plan::Choice::named : Plan::Choice::any;
  }

  bool forced() const { return plan_.choice == Plan::Choice::any || plan_.choice == Plan::Choice::named; }

  void no_claude_thinking() {
    switch (traits_.rules.off) {
      case Rules::Off::disabled:
        plan_.thinking = Plan::Thinking::disabled;
        break;
      case Rules::Off::between_tools:
        plan_.thinking = Plan::Thinking::between_tools;
        break;
      case Rules::Off::low_effort:
        plan_.effort = "low";
        break;
      case Rules::Off::omit:
        break;
    }
  }

  void claude_thinking() {
    const auto& wish = request_.reasoning;
    const Rules& rules = traits_.rules;
    const auto effort = llm::wished_effort(wish);
    const bool none = wish.asked() && !wish.adaptive && !wish.between_tools &&
                      (wish.budget == 0U || (!wish.budget && effort == Effort::none));
    // A tool cannot be forced on a Claude that thinks. The tool, or the format that it stands for, is what the caller's
    // program relies on.
    if (forced() && rules.thinking != Rules::Thinking::none) {
      if (wish.asked() && !none) drop(Setting::reasoning);
      no_claude_thinking();
      return;
    }
    if (!wish.asked()) return;
    if (none) {
      no_claude_thinking();
      return;
    }
    if (rules.thinking == Rules::Thinking::none) {
      drop(Setting::reasoning);
      return;
    }
    if (wish.show) plan_.display = *wish.show ? "summarized" : "omitted";
    if (rules.thinking == Rules::Thinking::adaptive || (rules.thinking == Rules::Thinking::either && !wish.budget)) {
      plan_.thinking = wish.between_tools && rules.off == Rules::Off::between_tools ? Plan::Thinking::between_tools
                                                                                    : Plan::Thinking::adaptive;
      if (rules.effort && effort) plan_.effort = effort_word(*effort);
      return;
    }
    // A budget has to leave room for words, and thinking has to stand before the calls of a loop.
    plan_.budget = std::max(Plan::kLeastBudget, llm::wished_budget(wish).value_or(llm::budget_of(Effort::medium)));
    if (plan_.max_tokens && plan_.budget >= *plan_.max_tokens)
      plan_.budget = *plan_.max_tokens - std::min<std::uint64_t>(*plan_.max_tokens, 1);
    if (plan_.budget < Plan::kLeastBudget || conversation_.loop_without_thinking) {
      plan_.budget = 0;
      plan_.display = {};
      drop(Setting::reasoning);
      return;
    }
    plan_.thinking = Plan::Thinking::enabled;
  }

  std::string_view effort_word(Effort effort) const {
    if (effort == Effort::minimal || effort == Effort::none) return "low";
    if (effort == Effort::xhigh && !traits_.rules.effort_xhigh) return "max";
    return llm::name(effort);
  }

  // Nova 2: https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html. At "high" it takes neither
  // sampling nor a bound.
  void nova_thinking() {
    if (!request_.reasoning.asked()) return;
    const auto effort = llm::wished_effort(request_.reasoning);
    if (effort == Effort::none) {
      plan_.thinking = Plan::Thinking::disabled;
      return;
    }
    plan_.thinking = Plan::Thinking::enabled;
    plan_.effort = three_steps(effort.value_or(Effort::medium));
    if (plan_.effort == "high" && plan_.max_tokens) {
      plan_.max_tokens.reset();
      drop(Setting::max_tokens);
    }
  }

  void other_thinking() {
    const auto effort = llm::wished_effort(request_.reasoning);
    if (!request_.reasoning.asked()) return;
    if (traits_.thinking == ModelTraits::Thinking::unknown || effort == Effort::none) {
      drop(Setting::reasoning);
      return;
    }
    plan_.effort = three_steps(effort.value_or(Effort::medium));
    if (traits_.thinking == ModelTraits::Thinking::reasoning_config && plan_.effort == "medium") plan_.effort = "high";
  }

  static std::string_view three_steps(Effort effort) {
    if (effort == Effort::minimal || effort == Effort::low) return "low";
    return effort == Effort::medium ? "medium" : "high";
  }

  void sampling() {
    plan_.temperature = request_.temperature;
    plan_.top_p = request_.top_p;
    plan_.top_k = request_.top_k;
    const auto leave_out = [this](auto& value, Setting setting) {
      if (!value) return;
      value.reset();
      drop(setting);
    };
    if (plan_.temperature && *plan_.temperature > 1) {
      plan_.temperature = 1;
      drop(Setting::temperature);
    }
    if (traits_.top_k == ModelTraits::TopK::none) leave_out(plan_.top_k, Setting::top_k);
    if (traits_.thinking == ModelTraits::Thinking::nova && plan_.effort == "high") {
      leave_out(plan_.temperature, Setting::temperature);
      leave_out(plan_.top_p, Setting::top_p);
    }
    if (!traits_.claude) return;
    if (!traits_.rules.sampling) {
      leave_out(plan_.temperature, Setting::temperature);
      leave_out(plan_.top_p, Setting::top_p);
      leave_out(plan_.top_k, Setting::top_k);
      return;
    }
    if (plan_.thinking == Plan::Thinking::enabled || plan_.thinking == Plan::Thinking::adaptive) {
      if (plan_.temperature == 1.0) plan_.temperature.reset();  // what it is anyway
      leave_out(plan_.temperature, Setting::temperature);
      leave_out(plan_.top_k, Setting::top_k);
      if (plan_.top_p && *plan_.top_p < 0.95) leave_out(plan_.top_p, Setting::top_p);
    }
    if (!traits_.rules.temperature_with_top_p && plan_.temperature) leave_out(plan_.top_p, Setting::top_p);
  }

  const llm::ChatRequest& request_;
  const Target& target_;
  const ModelTraits& traits_;
  const Conversation& conversation_;
  Losses& losses_;
  Plan plan_;
};

}  // namespace

Plan plan_request(const llm::ChatRequest& request, const Target& target, const ModelTraits& traits,
                  const Conversation& conversation, Losses& losses) {
  return Planner(request, target, traits, conversation, losses).plan();
}

}  // namespace gatehouse::dialects::bedrock
