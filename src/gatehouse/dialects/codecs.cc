#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects {

const BackCodec* back_codec(llm::Dialect /*dialect*/) { return nullptr; }
const FrontCodec* front_codec(llm::Dialect /*dialect*/) { return nullptr; }

}  // namespace gatehouse::dialects
