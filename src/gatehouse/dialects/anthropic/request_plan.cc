#include "gatehouse/dialects/anthropic/request_plan.h"

#include <algorithm>

#include "gatehouse/dialects/caller_words.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Effort;
using llm::ReasoningWish;
using Mode = llm::ToolChoice::Mode;

class Planner {
 public:
  Planner(const llm::ChatRequest& request, const Target& target, const ModelRules& rules,
          const Conversation& conversation, Losses& losses)
      : request_(request), target_(target), rules_(rules), conversation_(conversation), losses_(losses) {}

  RequestPlan plan() {
    plan_.max_tokens = request_.max_tokens.value_or(rules_.max_output);
    tools();
    choice();
    thinking();
    sampling();
    others();
    return plan_;
  }

 private:
  void drop(Setting setting) { losses_.drop(caller_name(request_.dialect, setting)); }

  void tools() {
    const auto& allowed = request_.tool_choice.allowed;
    for (const llm::Tool& tool : request_.tools) {
      if (allowed.empty() || std::ranges::find(allowed, tool.name) != allowed.end()) plan_.tools.push_back(&tool);
    }
  }

  void choice() {
    using Choice = RequestPlan::Choice;
    using Format = RequestPlan::Format;
    const llm::ToolChoice& wish = request_.tool_choice;
    const bool offered = !plan_.tools.empty();
    const bool must_call = offered && (wish.mode == Mode::required || wish.mode == Mode::named);
    if (request_.format.kind == llm::OutputFormat::Kind::json_schema && rules_.json_schema &&
        !target_.quirks.refuses_any(llm::Quirks::json_schema)) {
      plan_.format = Format::native;
    } else if (request_.format.kind != llm::OutputFormat::Kind::text && !must_call) {
      // Where a tool has to be called the answer is no text and has no format.
      plan_.format = Format::tool;
    }
    if (plan_.format == Format::tool) {
      const bool user_tools = offered && wish.mode != Mode::none;
      plan_.json_tool_only = !user_tools;
      plan_.choice = user_tools ? Choice::any : Choice::named;
      if (!may_force()) {
        plan_.choice = Choice::automatic;
        drop(Setting::format);
      }
    } else if (must_call) {
      plan_.choice = wish.mode == Mode::required ? Choice::any : Choice::named;
      if (!may_force()) {
        plan_.choice = Choice::automatic;
        drop(Setting::tool_choice);
      }
    } else if (offered) {
      if (wish.mode == Mode::none) plan_.choice = Choice::none;
      if (wish.mode == Mode::automatic && wish.given) plan_.choice = Choice::automatic;
    } else if (conversation_.tools_used) {
      plan_.choice = Choice::none;
    }
    if (request_.parallel_tool_calls == false && offered) {
      if (plan_.choice == Choice::unsaid) plan_.choice = Choice::automatic;
      plan_.one_call = plan_.choice != Choice::none;
    }
    if (plan_.json_tool_only && plan_.format == Format::tool) plan_.one_call = true;
  }

  bool may_force() const { return rules_.forced_tool && !target_.quirks.refuses_any(llm::Quirks::required_tool); }

  void thinking() {
    const ReasoningWish& wish = request_.reasoning;
    const bool off = wish.effort == Effort::none || (wish.effort == Effort::unset && wish.budget == 0U);
    if (off) {
      no_thinking();
      return;
    }
    if (!wish.asked()) return;
    if (rules_.thinking == ModelRules::Thinking::none) {
      drop(Setting::reasoning);
      return;
    }
    // In this dialect an effort alone is about the length of the answer.
    const bool effort_alone =
        request_.dialect == llm::Dialect::anthropic && !wish.budget && !wish.adaptive && !wish.between_tools;
    const bool by_budget = rules_.thinking == ModelRules::Thinking::manual ||
                           (rules_.thinking == ModelRules::Thinking::either && wish.budget && !wish.adaptive);
    if (effort_alone) {
      if (rules_.effort) {
        plan_.effort = effort_word(wish.effort);
      } else {
        drop(Setting::reasoning);
      }
    } else if (!by_budget) {
      adaptive();
    } else if (!manual()) {
      return;
    }
    if (rules_.thinking != ModelRules::Thinking::manual && plan_.thinking != RequestPlan::Thinking::unsaid &&
        plan_.thinking != RequestPlan::Thinking::between_tools) {
      display();
    }
  }

  void no_thinking() {
    switch (rules_.off) {
      case ModelRules::Off::omit:
        return;
      case ModelRules::Off::disabled:
        plan_.thinking = RequestPlan::Thinking::disabled;
        return;
      case ModelRules::Off::between_tools:
        plan_.thinking = RequestPlan::Thinking::between_tools;
        break;
      case ModelRules::Off::low_effort:
        plan_.effort = "low";
        break;
    }
    drop(Setting::reasoning);
  }

  void adaptive() {
    const ReasoningWish& wish = request_.reasoning;
    plan_.thinking = wish.between_tools && rules_.off == ModelRules::Off::between_tools
                         ? RequestPlan::Thinking::between_tools
                         : RequestPlan::Thinking::adaptive;
    if (const auto effort = llm::wished_effort(wish); effort && !(wish.adaptive && wish.effort == Effort::unset)) {
      plan_.effort = effort_word(*effort);
    }
  }

  // False: it cannot be.
  bool manual() {
    const ReasoningWish& wish = request_.reasoning;
    const bool forced = plan_.choice == RequestPlan::Choice::any || plan_.choice == RequestPlan::Choice::named;
    if (forced || conversation_.loop_without_thinking) {
      if (rules_.thinking == ModelRules::Thinking::either) {
        adaptive();
        return true;
      }
      drop(Setting::reasoning);
      return false;
    }
    std::uint64_t budget =
        wish.budget ? *wish.budget : llm::budget_of(wish.effort == Effort::unset ? Effort::medium : wish.effort);
    budget = std::max(budget, RequestPlan::kLeastBudget);
    // A budget that the caller named may take all but one of the tokens; one of ours leaves room for the answer.
    const std::uint64_t most = wish.budget ? plan_.max_tokens - std::min<std::uint64_t>(plan_.max_tokens, 1)
                                           : plan_.max_tokens - plan_.max_tokens / 4;
    if (most < RequestPlan::kLeastBudget) {
      drop(Setting::reasoning);
      return false;
    }
    plan_.thinking = RequestPlan::Thinking::enabled;
    plan_.budget = std::min(budget, most);
    if (request_.dialect == llm::Dialect::anthropic && rules_.effort && wish.effort != Effort::unset) {
      plan_.effort = effort_word(wish.effort);
    }
    return true;
  }

  void display() {
    const ReasoningWish& wish = request_.reasoning;
    const bool theirs = request_.dialect == llm::Dialect::anthropic;
    if (wish.summary == "omitted" || (wish.show == false && !theirs)) {
      plan_.display = "omitted";
    } else if (!wish.summary.empty() || (wish.show == true && !theirs)) {
      plan_.display = "summarized";
    }
  }

  std::string_view effort_word(Effort effort) const {
    switch (effort) {
      case Effort::xhigh:
        if (rules_.effort_xhigh) return "xhigh";
        return rules_.thinking == ModelRules::Thinking::manual ? "high" : "max";
      case Effort::max:
        return rules_.thinking == ModelRules::Thinking::manual ? "high" : "max";
      case Effort::minimal:
      case Effort::none:
      case Effort::unset:
        return "low";
      default:
        return llm::name(effort);
    }
  }

  void sampling() {
    const auto is = [](const std::optional<double>& value, double one) { return value && *value == one; };
    plan_.temperature = request_.temperature;
    plan_.top_p = request_.top_p;
    plan_.top_k = request_.top_k;
    const auto leave = [&](auto& value, Setting setting, bool is_default) {
      if (value && !is_default) drop(setting);
      value.reset();
    };
    const bool thinks =
        plan_.thinking != RequestPlan::Thinking::unsaid && plan_.thinking != RequestPlan::Thinking::disabled;
    const bool takes_temperature = rules_.sampling && !target_.quirks.refuses_any(llm::Quirks::temperature);
    if (!takes_temperature || thinks) {
      leave(plan_.temperature, Setting::temperature, is(plan_.temperature, 1));
      leave(plan_.top_p, Setting::top_p, is(plan_.top_p, 1));
    }
    if (!rules_.sampling || thinks || target_.quirks.refuses_any(llm::Quirks::top_k)) {
      leave(plan_.top_k, Setting::top_k, false);
    }
    if (plan_.temperature && *plan_.temperature > 1) {
      // Others go up to 2.
      plan_.temperature = 1;
      drop(Setting::temperature);
    }
    if (plan_.temperature && plan_.top_p && !rules_.temperature_with_top_p) {
      leave(plan_.top_p, Setting::top_p, is(plan_.top_p, 1));
    }
  }

  void others() {
    const auto& r = request_;
    const auto set = [](const std::optional<double>& value, double neutral) { return value && *value != neutral; };
    if (set(r.min_p, 0)) drop(Setting::min_p);
    if (set(r.frequency_penalty, 0)) drop(Setting::frequency_penalty);
    if (set(r.presence_penalty, 0)) drop(Setting::presence_penalty);
    if (set(r.repetition_penalty, 1)) drop(Setting::repetition_penalty);
    if (r.seed) drop(Setting::seed);
    if (r.n > 1) drop(Setting::n);
    if (r.logprobs || r.top_logprobs.value_or(0) > 0) drop(Setting::logprobs);
    if (!r.logit_bias.empty() && r.logit_bias != "{}") drop(Setting::logit_bias);
    if (!r.metadata.empty() && r.metadata != "{}") drop(Setting::metadata);
    if (!r.verbosity.empty() && r.verbosity != "medium") drop(Setting::verbosity);
    if (!r.audio.empty()) drop(Setting::audio);
    if (!r.prediction.empty()) drop(Setting::prediction);
    if (!r.web_search.empty()) drop(Setting::web_search);
    if (r.store == true) drop(Setting::store);
  }

  const llm::ChatRequest& request_;
  const Target& target_;
  const ModelRules& rules_;
  const Conversation& conversation_;
  Losses& losses_;
  RequestPlan plan_;
};

}  // namespace

RequestPlan plan_request(const llm::ChatRequest& request, const Target& target, const ModelRules& rules,
                         const Conversation& conversation, Losses& losses) {
  return Planner(request, target, rules, conversation, losses).plan();
}

}  // namespace gatehouse::dialects::anthropic
