// SPDX-License-Identifier: Apache-2.0
// A walk over the tree along the table. Each kind of attribute has one function; those of single values
// stand in check_value.cpp.
#include "controller/compose/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "controller/base/text.hpp"
#include "controller/compose/attributes.hpp"
#include "controller/compose/check_value.hpp"
#include "controller/compose/complete.hpp"
#include "controller/compose/problems.hpp"
#include "controller/compose/scalars.hpp"

namespace trueup::compose {
namespace {

constexpr std::size_t most_advice = 200;

bool is_resource_name(std::string_view name) {
    constexpr std::string_view others = "._-";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char letter) {
        const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                           (letter >= '0' && letter <= '9');
        return plain || others.find(letter) != others.npos;
    });
}

bool is_text(const yaml::Node& node) {
    return node.is_scalar() && type_of(node) == ScalarType::string;
}

class Validator {
public:
    Validator(bool interpolated, Problems& problems)
        : reporter_(problems), values_(reporter_, interpolated) {}

    void object(const yaml::Node& node, Object object) {
        if (!node.is_mapping()) return reporter_.expected(node, "a mapping");
        const ObjectRules& rules = rules_of(object);
        for (const yaml::Entry& entry : node.entries) member(entry, rules);
        for (const Attribute& attribute : rules.attributes) {
            if (!attribute.extras.required || node.find(attribute.name) != nullptr) continue;
            reporter_.tell(node, fmt::format("'{}' is missing in {}", attribute.name, rules.what),
                           one_of(attribute.extras.words));
        }
    }

private:
    void member(const yaml::Entry& entry, const ObjectRules& rules) {
        if (is_resolved(entry)) return;
        const Path::Step step(reporter_.path, entry.key);
        if (!check_key(entry)) return;
        const Attribute* attribute = find_attribute(rules.object, entry.key);
        if (attribute != nullptr) return value(entry.value, *attribute);
        if (rules.extensible && entry.key.starts_with("x-")) return;
        if (!rules.open) tell_unknown(entry, rules);
    }

    bool check_key(const yaml::Entry& entry) {
        const bool is_string = is_string_key(entry);
        if (!is_string)
            reporter_.tell(entry.position(), fmt::format("the name {} is no string", entry.key),
                           "put it in quotes");
        return is_string;
    }

    void tell_unknown(const yaml::Entry& entry, const ObjectRules& rules) {
        // Advice is dear, and nobody reads the thousandth.
        std::string advice;
        if (reporter_.count() < most_advice) {
            std::vector<std::string_view> names;
            for (const Attribute& attribute : rules.attributes) names.push_back(attribute.name);
            advice = base::suggest(entry.key, names);
        }
        reporter_.tell(entry.position(),
                       fmt::format("unknown field '{}' in {}", entry.key, rules.what),
                       std::move(advice));
    }

    void value(const yaml::Node& node, const Attribute& attribute) {
        const Object inner = attribute.extras.inner;
        switch (attribute.kind) {
            case Kind::text:
            case Kind::flag:
            case Kind::optional_flag:
            case Kind::integer:
            case Kind::optional_integer:
            case Kind::real:
            case Kind::bytes:
            case Kind::duration:
            case Kind::mode:
            case Kind::count:
            case Kind::cpus: return values_.check(node, attribute);
            case Kind::command: return node.is_null() ? void() : text_or_list(node, false);
            case Kind::test:
            case Kind::label_file: return text_or_list(node, false);
            case Kind::text_or_texts: return text_or_list(node, true);
            case Kind::texts: return list_of_texts(node, false, false);
            case Kind::unique_texts: return list_of_texts(node, true, false);
            case Kind::texts_or_numbers: return list_of_texts(node, true, true);
            case Kind::variables: return variables(node);
            case Kind::hosts: return hosts(node);
            case Kind::options: return options(node, true);
            case Kind::driver_options: return options(node, false);
            case Kind::text_map: return text_map(node);
            case Kind::provider_options: return provider_options(node);
            case Kind::free_map:
                return node.is_mapping() ? void() : reporter_.expected(node, "a mapping");
            case Kind::object: return object(node, inner);
            case Kind::object_or_null: return node.is_null() ? void() : object(node, inner);
            case Kind::text_or_object: return is_text(node) ? void() : text_or_object(node, inner);
            case Kind::objects: return list(node, [&](const yaml::Node& it) { object(it, inner); });
            case Kind::texts_or_objects:
                return list(node, [&](const yaml::Node& it) { text_or_object(it, inner); });
            case Kind::ports: return list(node, [&](const yaml::Node& it) { port(it); });
            case Kind::env_files: return env_files(node);
            case Kind::gpus: return gpus(node);
            case Kind::named: return named(node, inner, false);
            case Kind::named_or_null: return named(node, inner, true);
            case Kind::names_or_named: return names(node, inner, inner == Object::service_model);
            case Kind::names_or_named_or_null: return names(node, inner, true);
            case Kind::ulimits: return ulimits(node);
            case Kind::external: return external(node);
        }
    }

    template <class Each>
    void list(const yaml::Node& node, Each each) {
        if (!node.is_sequence()) return reporter_.expected(node, "a list");
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const Path::Step step(reporter_.path, index);
            each(node.items[index]);
        }
    }

    template <class Each>
    void mapping(const yaml::Node& node, Each each) {
        if (!node.is_mapping()) return reporter_.expected(node, "a mapping");
        for (const yaml::Entry& entry : node.entries) {
            const Path::Step step(reporter_.path, entry.key);
            if (check_key(entry)) each(entry);
        }
    }

    void text(const yaml::Node& node) {
        if (is_text(node)) return;
        const bool is_single = node.is_scalar();
        reporter_.expected(node, "a string", is_single ? "put it in quotes" : "");
    }

    void list_of_texts(const yaml::Node& node, bool unique, bool numbers) {
        std::unordered_set<std::string> seen;
        list(node, [&](const yaml::Node& item) {
            const bool number = item.is_scalar() && type_of(item) != ScalarType::boolean;
            if (numbers && !number) return reporter_.expected(item, "a string or a number");
            if (!numbers) text(item);
            if (!unique || seen.insert(scalar_text(item)).second) return;
            // What follows "=" may be a secret.
            const std::string shown = item.text.substr(0, item.text.find('='));
            reporter_.tell(item, fmt::format("'{}' stands here twice", shown), "keep one");
        });
    }

    void text_or_list(const yaml::Node& node, bool unique) {
        if (is_text(node)) return;
        if (!node.is_sequence()) return reporter_.expected(node, "a string or a list of strings");
        list_of_texts(node, unique, false);
    }

    void text_or_object(const yaml::Node& node, Object inner) {
        if (is_text(node)) return;
        if (!node.is_mapping()) return reporter_.expected(node, "a string or a mapping");
        object(node, inner);
    }

    void variables(const yaml::Node& node) {
        if (node.is_sequence()) return list_of_texts(node, true, false);
        if (!node.is_mapping())
            return reporter_.expected(node, "a mapping, or a list of KEY=value");
        mapping(node, [&](const yaml::Entry& entry) {
            if (!entry.value.is_scalar() && !entry.value.is_null())
                reporter_.expected(entry.value, "a single value");
        });
    }

    void hosts(const yaml::Node& node) {
        if (node.is_sequence()) return list_of_texts(node, true, false);
        if (!node.is_mapping())
            return reporter_.expected(node, "a mapping, or a list of \"host:address\"");
        mapping(node, [&](const yaml::Entry& entry) { text_or_list(entry.value, false); });
    }

    void options(const yaml::Node& node, bool nothing) {
        mapping(node, [&](const yaml::Entry& entry) {
            const yaml::Node& value = entry.value;
            const bool fits = value.is_scalar() ? type_of(value) != ScalarType::boolean
                                                : nothing && value.is_null();
            if (!fits) reporter_.expected(value, "a string or a number");
        });
    }

    void text_map(const yaml::Node& node) {
        mapping(node, [&](const yaml::Entry& entry) { text(entry.value); });
    }

    void provider_options(const yaml::Node& node) {
        mapping(node, [&](const yaml::Entry& entry) {
            const auto& items = entry.value.items;
            const bool fits = entry.value.is_scalar() ||
                              (entry.value.is_sequence() &&
                               std::all_of(items.begin(), items.end(), [](const yaml::Node& item) {
                                   return item.is_scalar();
                               }));
            if (!fits) reporter_.expected(entry.value, "a single value or a list of them");
        });
    }

    void port(const yaml::Node& node) {
        const bool is_short = node.is_scalar() && type_of(node) != ScalarType::boolean;
        if (is_short) return;
        if (!node.is_mapping()) return reporter_.expected(node, "a port");
        object(node, Object::port);
    }

    void env_files(const yaml::Node& node) {
        if (is_text(node)) return;
        if (!node.is_sequence()) return reporter_.expected(node, "a path or a list of paths");
        list(node, [&](const yaml::Node& item) { text_or_object(item, Object::env_file); });
    }

    void gpus(const yaml::Node& node) {
        if (is_text(node) && node.text == "all") return;
        if (!node.is_sequence()) return reporter_.expected(node, "\"all\" or a list of devices");
        list(node, [&](const yaml::Node& item) { object(item, Object::device_request); });
    }

    void named(const yaml::Node& node, Object inner, bool nothing) {
        mapping(node, [&](const yaml::Entry& entry) {
            if (!is_resource_name(entry.key))
                return reporter_.tell(entry.position(), fmt::format("'{}' is no name", entry.key),
                                      "letters, digits, '.', '_' and '-'");
            if (nothing && entry.value.is_null()) return;
            object(entry.value, inner);
        });
    }

    void names(const yaml::Node& node, Object inner, bool nothing) {
        if (node.is_sequence()) return list_of_texts(node, true, false);
        if (!node.is_mapping()) return reporter_.expected(node, "a list of names or a mapping");
        named(node, inner, nothing);
    }

    void ulimits(const yaml::Node& node) {
        mapping(node, [&](const yaml::Entry& entry) {
            static constexpr Attribute limit{"", Kind::integer, Support::supported, "", {}};
            if (entry.value.is_mapping())
                object(entry.value, Object::ulimit);
            else
                values_.check(entry.value, limit);
        });
    }

    void external(const yaml::Node& node) {
        static constexpr Attribute flag{"", Kind::flag, Support::supported, "", {}};
        if (node.is_mapping())
            object(node, Object::external);
        else
            values_.check(node, flag);
    }

    Reporter reporter_;
    ValueCheck values_;
};

}    // namespace

void validate(const yaml::Node& file, bool interpolated, Problems& problems) {
    Validator(interpolated, problems).object(file, Object::file);
}

}    // namespace trueup::compose
