// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/support.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "controller/compose/attributes.hpp"
#include "controller/compose/problems.hpp"

namespace trueup::compose {
namespace {

bool is_named(Kind kind) {
    return kind == Kind::named || kind == Kind::named_or_null || kind == Kind::names_or_named ||
           kind == Kind::names_or_named_or_null || kind == Kind::ulimits;
}

// Nothing, or only what is the default.
bool says_nothing(const yaml::Node& node) {
    if (node.is_null()) return true;
    if (node.is_scalar() || !node.items.empty()) return false;
    return std::all_of(node.entries.begin(), node.entries.end(), [](const yaml::Entry& entry) {
        return says_nothing(entry.value) ||
               (entry.key == "create_host_path" && entry.value.text == "true");
    });
}

// Of names without a value the names say something: `ssh: [default]`.
bool says_nothing(const yaml::Entry& entry, const Attribute& attribute) {
    const bool names = attribute.kind == Kind::variables && !entry.value.entries.empty();
    return !names && says_nothing(entry.value);
}

// "false" and "default" ask for what there is anyway.
bool asks_for_nothing(const yaml::Entry& entry) {
    if (!entry.value.is_scalar()) return false;
    return entry.value.text == "false" ||
           (entry.key == "isolation" && entry.value.text == "default");
}

class SupportWalk {
public:
    SupportWalk(Problems& problems, Problems& warnings)
        : problems_(problems), warnings_(warnings) {}

    void object(const yaml::Node& node, Object object) {
        const ObjectRules& rules = rules_of(object);
        for (const yaml::Entry& entry : node.entries) {
            const Attribute* attribute = find_attribute(object, entry.key);
            if (attribute == nullptr || says_nothing(entry, *attribute)) continue;
            const Path::Step step(problems_.path, entry.key);
            const Path::Step same(warnings_.path, entry.key);
            attribute_of(entry, *attribute, rules);
        }
    }

private:
    void attribute_of(const yaml::Entry& entry, const Attribute& attribute,
                      const ObjectRules& rules) {
        switch (attribute.support) {
            case Support::supported: return inside(entry.value, attribute);
            case Support::no_effect:
                // Defaults of ports are not worth telling.
                if (rules.object != Object::port)
                    warnings_.tell(entry.position(),
                                   fmt::format("it has no effect: {}", attribute.note));
                return;
            case Support::refused:
                if (asks_for_nothing(entry)) return;
                return problems_.tell(
                    entry.position(),
                    fmt::format("'{}' of {} is not supported", entry.key, rules.what),
                    std::string(attribute.note));
        }
    }

    void inside(const yaml::Node& node, const Attribute& attribute) {
        const Object inner = attribute.extras.inner;
        if (inner == Object::none) return;
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const Path::Step step(problems_.path, index);
            const Path::Step same(warnings_.path, index);
            object(node.items[index], inner);
        }
        if (!is_named(attribute.kind)) return object(node, inner);
        for (const yaml::Entry& entry : node.entries) {
            const Path::Step step(problems_.path, entry.key);
            const Path::Step same(warnings_.path, entry.key);
            object(entry.value, inner);
        }
    }

    Reporter problems_;
    Reporter warnings_;
};

}    // namespace

void check_support(const yaml::Node& file, Problems& problems, Problems& warnings) {
    SupportWalk(problems, warnings).object(file, Object::file);
}

}    // namespace trueup::compose
