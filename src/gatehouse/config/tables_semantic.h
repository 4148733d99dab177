#pragma once

#include "gatehouse/config/checks.h"
#include "gatehouse/config/field_kinds.h"
#include "gatehouse/config/fields.h"
#include "gatehouse/config/snapshot.h"

// Tables of the learned models: the part of tables.cc that got a file of its own. Included by tables.cc only.
namespace gatehouse::config::tables {

inline constexpr Field kSemanticModelFields[] = {
    text<&SemanticModel::name>("name", Charset::name, 1, 64,
                               "What `injection`, `entities`, `embedding` and metrics call it; not `none` or "
                               "`bundled`.")
        .required(),
    path<&SemanticModel::path>("path",
                               "Its folder, as Hugging Face exports one (`model.onnx`, `tokenizer.json`, "
                               "`config.json`), or one with a `gatehouse.json` beside (docs/semantics.md).")
        .required(),
    text<&SemanticModel::file>("file", Charset::label, 1, 256,
                               "The model's file in it or below. Default: as `gatehouse.json` says, or `model.onnx`."),
    text<&SemanticModel::sha256>("sha256", Charset::name, 1, 256,
                                 "SHA-256 of that file, 64 hexadecimal digits; another file is refused. Default: as "
                                 "`gatehouse.json` says."),
    {.name = "labels",
     .kind = Kind::map,
     .description = "What its labels are here: `LABEL_1: attack`, `GIVENNAME: PERSON`. Default: usual names are known.",
     .min = 1,
     .max = 64,
     .charset = Charset::name,
     .read = read_labels},
    integer<&SemanticModel::window>("window", 0, 8192,
                                    "Tokens that are read at once. 0: as `gatehouse.json` says, or what the model "
                                    "takes, at most 512."),
    decimal<&SemanticModel::scale>("scale", 0, 100, "Calibration: its log odds are multiplied by this."),
    signed_decimal<&SemanticModel::shift>("shift", 100, "Then this is added."),
};
inline constexpr Section kSemanticModels{.name = "semantic.models[]",
                                         .description = "Models of your own: classifiers, token classifiers.",
                                         .fields = kSemanticModelFields,
                                         .after = check_semantic_model};

inline constexpr Field kSemanticFields[] = {
    boolean<&Semantic::enabled>("enabled", "Whether any model is loaded at all."),
    path<&Semantic::runtime>("runtime",
                             "ONNX Runtime's shared library. Default: looked for beside the program and in the "
                             "system."),
    path<&Semantic::bundled>("bundled",
                             "The folder of the models that come with Gatehouse. Default: looked for beside "
                             "the program."),
    integer<&Semantic::threads>("threads", 0, 256, "Threads that run models; 0 is one a core."),
    integer<&Semantic::batch>("batch", 1, 64, "Windows of like length that go through a model together, at most."),
    integer<&Semantic::windows>("windows", 1, 4096,
                                "Windows of one text that are read; of more, those most suspect to the linear model."),
    integer<&Semantic::remember>("remember", 0, 10'000'000,
                                 "Texts whose reading is remembered, so that they cost nothing the second time."),
    duration<&Semantic::budget>("budget", milliseconds(1), milliseconds(60'000),
                                "For the texts of one request, or one piece of an answer; beyond it the guard's "
                                "`model` decides."),
    sections<&Semantic::models>("models", kSemanticModels),
    text<&Semantic::injection>("injection", Charset::name, 1, 64,
                               "Which model judges attacks: a name of `models`, `bundled` or `none`. Default: "
                               "`bundled`."),
    text<&Semantic::entities>("entities", Charset::name, 1, 64, "Which one finds names. Default: `bundled`."),
    text<&Semantic::embedding>("embedding", Charset::name, 1, 64, "Which one gives embeddings. Default: `bundled`."),
    text<&Semantic::shadow_injection>("shadow_injection", Charset::name, 1, 64,
                                      "A candidate that is asked the same as `injection` while there is time; counted, "
                                      "not acted on. Default: none."),
};
inline constexpr Section kSemantic{.name = "semantic",
                                   .description =
                                       "Learned models that guards ask, run in the process (docs/semantics.md). They "
                                       "are loaded when a policy's guards want them.",
                                   .fields = kSemanticFields};

}  // namespace gatehouse::config::tables
