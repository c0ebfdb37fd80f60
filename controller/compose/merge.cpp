// SPDX-License-Identifier: Apache-2.0
// A walk over both trees along the table of attributes. Keys are found by index: files may have many
// thousand.
#include "controller/compose/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "controller/compose/nodes.hpp"
#include "controller/compose/scalars.hpp"

namespace trueup::compose {
namespace {

class Merger {
public:
    explicit Merger(Reporter& reporter) : reporter_(reporter) {}

    // Mappings whose members are attributes of `object`, or free names for Object::none.
    yaml::Node objects(yaml::Node base, yaml::Node over, Object object) {
        return mappings(std::move(base), std::move(over),
                        [this, object](const std::string& key, yaml::Node left, yaml::Node right) {
                            const Attribute* attribute =
                                object == Object::none ? nullptr : find_attribute(object, key);
                            return attribute == nullptr
                                       ? values(std::move(left), std::move(right), Object::none)
                                       : attributes(std::move(left), std::move(right), *attribute);
                        });
    }

private:
    yaml::Node attributes(yaml::Node base, yaml::Node over, const Attribute& attribute) {
        const Object inner = attribute.extras.inner;
        switch (attribute.extras.merge) {
            case Merge::usual: break;
            case Merge::replace: return over;
            case Merge::sequence:
                return append(sequence(std::move(base)), sequence(std::move(over)));
            case Merge::hosts: return hosts(sequence(std::move(base)), sequence(std::move(over)));
            case Merge::names: return named(names(std::move(base)), names(std::move(over)), inner);
            case Merge::dependencies:
                return named(dependencies(std::move(base)), dependencies(std::move(over)), inner);
            case Merge::build:
                return objects(build(std::move(base)), build(std::move(over)), inner);
            case Merge::logging: return logging(std::move(base), std::move(over));
            case Merge::ulimit: return limits(std::move(base), std::move(over));
            case Merge::pools: return pools(std::move(base), std::move(over));
        }
        const bool is_named =
            attribute.kind == Kind::named || attribute.kind == Kind::named_or_null;
        if (is_named && base.is_mapping() && over.is_mapping())
            return named(std::move(base), std::move(over), inner);
        return values(std::move(base), std::move(over), inner);
    }

    yaml::Node values(yaml::Node base, yaml::Node over, Object inner) {
        if (base.is_null() || over.is_null()) return over.is_null() ? base : over;
        if (base.is_mapping() && over.is_mapping())
            return objects(std::move(base), std::move(over), inner);
        if (base.is_sequence() && over.is_sequence())
            return append(std::move(base), std::move(over));
        if (base.is_mapping() || base.is_sequence()) {
            reporter_.tell(over,
                           fmt::format("{} cannot be laid over {}", describe(over), describe(base)),
                           fmt::format("the other one is at {}", to_string(base.position())));
            return base;
        }
        return over;
    }

    // Mappings of names to objects.
    yaml::Node named(yaml::Node base, yaml::Node over, Object inner) {
        if (!base.is_mapping() || !over.is_mapping())
            return values(std::move(base), std::move(over), inner);
        return mappings(std::move(base), std::move(over),
                        [this, inner](const std::string&, yaml::Node left, yaml::Node right) {
                            return values(std::move(left), std::move(right), inner);
                        });
    }

    template <class Members>
    yaml::Node mappings(yaml::Node base, yaml::Node over, Members members) {
        std::unordered_map<std::string, std::size_t> places;
        for (std::size_t index = 0; index < base.entries.size(); ++index)
            places.emplace(base.entries[index].key, index);
        for (yaml::Entry& entry : over.entries) {
            const auto place = places.find(entry.key);
            if (place == places.end()) {
                base.entries.push_back(std::move(entry));
                continue;
            }
            yaml::Entry& kept = base.entries[place->second];
            const Path::Step step(reporter_.path, entry.key);
            kept.value = members(entry.key, std::move(kept.value), std::move(entry.value));
            kept.line = entry.line;
            kept.column = entry.column;
        }
        return base;
    }

    static yaml::Node append(yaml::Node base, yaml::Node over) {
        std::move(over.items.begin(), over.items.end(), std::back_inserter(base.items));
        return base;
    }

    static yaml::Node hosts(yaml::Node base, yaml::Node over) {
        std::unordered_set<std::string> known;
        for (const yaml::Node& item : base.items) known.insert(item.text);
        std::erase_if(over.items,
                      [&](const yaml::Node& item) { return known.contains(item.text); });
        return append(std::move(base), std::move(over));
    }

    static yaml::Node sequence(yaml::Node node) {
        if (node.is_sequence()) return node;
        yaml::Node list = make(yaml::Kind::sequence, node);
        if (node.is_scalar()) list.items.push_back(std::move(node));
        for (const yaml::Entry& entry : node.entries) {
            const yaml::Node& value = entry.value;
            if (value.is_sequence()) {
                for (const yaml::Node& item : value.items)
                    list.items.push_back(scalar(entry.key + "=" + scalar_text(item), item));
            } else if (value.is_null()) {
                list.items.push_back(scalar(entry.key, value));
            } else {
                list.items.push_back(scalar(entry.key + "=" + scalar_text(value), value));
            }
        }
        const auto by_text = [](const yaml::Node& left, const yaml::Node& right) {
            return left.text < right.text;
        };
        std::sort(list.items.begin(), list.items.end(), by_text);
        return list;
    }

    static yaml::Node names(yaml::Node node) {
        if (!node.is_sequence()) return node;
        yaml::Node mapping = make(yaml::Kind::mapping, node);
        std::unordered_set<std::string> seen;
        for (const yaml::Node& item : node.items) {
            if (seen.insert(item.text).second)
                add(mapping, item.text, make(yaml::Kind::null, item));
        }
        return mapping;
    }

    static yaml::Node dependencies(yaml::Node node) {
        if (!node.is_sequence()) return node;
        node = names(std::move(node));
        for (yaml::Entry& entry : node.entries) {
            yaml::Node usual = make(yaml::Kind::mapping, entry.value);
            add(usual, "condition", scalar("service_started", entry.value));
            add(usual, "required", plain("true", entry.value));
            entry.value = std::move(usual);
        }
        return node;
    }

    static yaml::Node build(yaml::Node node) {
        if (!node.is_scalar()) return node;
        yaml::Node mapping = make(yaml::Kind::mapping, node);
        add(mapping, "context", std::move(node));
        return mapping;
    }

    yaml::Node logging(yaml::Node base, yaml::Node over) {
        const yaml::Node* left = base.find("driver");
        const yaml::Node* right = over.find("driver");
        const bool other = left != nullptr && right != nullptr && left->text != right->text;
        return other ? over : values(std::move(base), std::move(over), Object::logging);
    }

    yaml::Node limits(yaml::Node base, yaml::Node over) {
        if (!base.is_mapping() || !over.is_mapping())
            return values(std::move(base), std::move(over), Object::ulimit);
        return mappings(std::move(base), std::move(over),
                        [this](const std::string&, yaml::Node left, yaml::Node right) {
                            if (!left.is_mapping() || !right.is_mapping()) return right;
                            return objects(std::move(left), std::move(right), Object::ulimit);
                        });
    }

    yaml::Node pools(yaml::Node base, yaml::Node over) {
        if (!base.is_sequence() || !over.is_sequence())
            return values(std::move(base), std::move(over), Object::address_pool);
        std::unordered_map<std::string, std::size_t> places;
        for (std::size_t index = 0; index < base.items.size(); ++index)
            places.emplace(member_text(base.items[index], "subnet"), index);
        for (yaml::Node& pool : over.items) {
            const auto [place, is_new] =
                places.emplace(member_text(pool, "subnet"), base.items.size());
            if (is_new) {
                base.items.push_back(std::move(pool));
                continue;
            }
            yaml::Node& kept = base.items[place->second];
            kept = values(std::move(kept), std::move(pool), Object::address_pool);
        }
        return base;
    }

    Reporter& reporter_;
};

}    // namespace

yaml::Node merge(yaml::Node base, yaml::Node over, Object object, Problems& problems) {
    Reporter reporter(problems);
    return merge(std::move(base), std::move(over), object, reporter);
}

yaml::Node merge(yaml::Node base, yaml::Node over, Object object, Reporter& reporter) {
    if (!base.is_mapping() || !over.is_mapping()) return over;
    return Merger(reporter).objects(std::move(base), std::move(over), object);
}

}    // namespace trueup::compose
