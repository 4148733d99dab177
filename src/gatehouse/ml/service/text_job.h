#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/ml/model.h"
#include "gatehouse/ml/service/pieces.h"
#include "gatehouse/ml/service/reading_memory.h"
#include "gatehouse/ml/service/service.h"

namespace gatehouse::ml {

// What a text is asked. Made where the question is noted, moved to who reads it.
struct TextQuestion {
  TextKey key{};
  std::string text{};
  // What it is judged beside; then `wants` are of the injection's model alone, and the linear model is not asked: it
  // knows words, not what they are held against.
  std::string context{};
  Wants wants{};
  Wants free{};  // may be read along where a pass over the whole text gives it anyway
  std::vector<Piece> pieces{};
  bool scored = false;  // `pieces` are there; else they are still to be made (a long text)
};

// Which verdicts `model` gives in `set`: a classifier of injections that could also name entities is not asked for them
// where another is. Harmfulness comes with the injection's model.
Wants given_by(const ModelSet& set, const Model* model);

// What a text and its context are known by together; `scratch` is overwritten.
crypto::Fingerprint name_of(crypto::Fingerprinter& fingerprint, std::string_view context, std::string_view text,
                            std::string& scratch);

// Keys of windows: a model's whole input, and where in the text each token stands. Any thread with its own.
class WindowNames {
 public:
  explicit WindowNames(std::string_view key) : fingerprint_(key) {}
  TextKey name(const Window& window, std::uint64_t reader);

 private:
  crypto::Fingerprinter fingerprint_;
  std::string scratch_;
};

// One text on its way through the models: which of it needs the encoder, cut into windows; readings of windows as they
// come; the whole put together. No locks, no threads: its owner gives it to one thread at a time.
class TextJob {
 public:
  TextJob(std::shared_ptr<const ModelSet> models, TextQuestion question);

  // One model's part.
  struct Pass {
    std::shared_ptr<const Model> model{};
    std::uint64_t reader = 0;  // of its windows in the memory
    Wants wants{};
    std::vector<Window> windows{};  // ascending
    std::vector<WindowReading> readings{};
    std::vector<bool> read{};
    std::size_t unread = 0;
    bool left_out = false;     // some of the text that is not clear is in no window
    float left_out_score = 0;  // the linear model's highest log odds there
    bool left_out_scored = false;
  };

  // Asks the linear model where that was not done yet and cuts windows: at most `most` for each model, those most
  // suspect to the linear model of more. Takes from `memory` what windows were read before. Milliseconds for a long
  // text. Throws what a model throws.
  void prepare(std::size_t most, ReadingMemory& memory, WindowNames& names);
  // A text with several windows keeps each for its own sake: of a longer one that begins alike, or where there was not
  // time enough for all.
  static void remember(const Pass& pass, std::size_t window, const WindowReading& reading, ReadingMemory& memory,
                       WindowNames& names);
  // Not a score that is none, nor fewer verdicts than were asked for.
  static bool acceptable(const WindowReading& reading, Wants wants);
  // An acceptable one.
  void accept(std::size_t pass, std::size_t window, WindowReading reading);
  // All windows are read.
  bool complete() const;
  // Once, after complete().
  Reading finish() const;

  const TextQuestion& question() const { return question_; }
  void widen(Wants wants, Wants free);  // before prepare()
  // What finish() will answer, after prepare().
  Wants promised() const { return promised_; }
  const std::vector<Pass>& passes() const { return passes_; }
  const std::shared_ptr<const ModelSet>& models() const { return models_; }
  LinearWord word() const;  // unknown before prepare() where the text is long
  // Frees what only reading needs.
  void clear();

 private:
  void cut(Pass& pass, std::size_t most) const;
  bool suspect(const Piece& piece, Wants wants) const;
  const LinearModel* linear() const { return question_.context.empty() ? models_->linear.get() : nullptr; }
  // The highest log odds of pieces in [begin, end), of what the pass is about.
  float suspicion(const Pass& pass, std::size_t begin, std::size_t end) const;
  void leave_out(Pass& pass, std::size_t begin, std::size_t end) const;

  std::shared_ptr<const ModelSet> models_;
  TextQuestion question_;
  std::vector<Pass> passes_;
  Wants clear_{};  // answered by the linear model alone
  Wants promised_{};
};

}  // namespace gatehouse::ml
