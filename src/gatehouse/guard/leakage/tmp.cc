#include "gatehouse/guard/leakage/system_text.h"
namespace gatehouse::guard { void SystemText::add(std::string_view t) { parts_.push_back(t); bytes_ += t.size(); } }
