// SPDX-License-Identifier: Apache-2.0
#include "api/cli/answer_reader.hpp"

#include <fmt/format.h>

namespace trueup::cli {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

std::string value_text(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) return "";
    if (value->is_bool()) return value->get_bool() ? "True" : "False";
    if (value->is_int64()) return std::to_string(value->get_int64());
    return value->is_uint64() ? std::to_string(value->get_uint64()) : text_of(object, key);
}

const json::object& object_of(const json::object& object, std::string_view key) {
    static const json::object none;
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& array_of(const json::object& object, std::string_view key) {
    static const json::array none;
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::optional<SystemTime> time_of(const json::object& object, std::string_view key) {
    return base::parse_rfc3339(text_of(object, key));
}

std::vector<const json::value*> items_of(const json::value& answer) {
    std::vector<const json::value*> items;
    const json::object* object = answer.if_object();
    const json::value* list = object == nullptr ? nullptr : object->if_contains("items");
    if (list == nullptr || !list->is_array()) return {&answer};
    for (const json::value& item : list->get_array()) items.push_back(&item);
    return items;
}

Result<std::vector<const json::object*>> objects_of(const json::value& answer,
                                                    std::string_view kind) {
    std::vector<const json::object*> objects;
    for (const json::value* item : items_of(answer)) {
        if (!item->is_object() || text_of(item->get_object(), "kind") != kind) {
            return Error(Errc::invalid,
                         fmt::format("the controller's answer: the JSON object is not {} {}",
                                     kind == "Event" || kind == "Explanation" ? "an" : "a", kind));
        }
        objects.push_back(&item->get_object());
    }
    return objects;
}

}    // namespace trueup::cli
