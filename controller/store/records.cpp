// SPDX-License-Identifier: Apache-2.0
#include "controller/store/records.hpp"

namespace trueup::store {

std::string person(std::string_view name) {
    return name.empty() ? "person" : "person:" + std::string(name);
}

std::string_view to_string(EventType type) {
    return type == EventType::normal ? "Normal" : "Warning";
}

std::string_view to_string(About about) {
    switch (about) {
        case About::stack: return "stack";
        case About::source: return "source";
        case About::engine: return "engine";
        case About::controller: return "controller";
    }
    return "controller";
}

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::deployed: return "deployed";
        case Outcome::proven: return "proven";
        case Outcome::failed: return "failed";
        case Outcome::rolled_back: return "rolled-back";
    }
    return "deployed";
}

}    // namespace trueup::store
