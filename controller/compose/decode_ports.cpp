// SPDX-License-Identifier: Apache-2.0
// Ports of a service: the published ones and those that are only told.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"
#include "controller/compose/short_forms.hpp"

namespace trueup::compose {
namespace {

model::Port decode_port(const yaml::Node& item, const DecodeContext& context) {
    model::Port port;
    const Fields fields(item);
    fields.text("host_ip", port.host_ip);
    fields.text("published", port.published);
    fields.text("protocol", port.protocol);
    fields.text("name", port.name);
    fields.text("mode", port.mode);
    fields.text("app_protocol", port.app_protocol);
    const auto target = fields.integer("target");
    if (target && *target > 0 && *target <= 65'535)
        port.target = static_cast<std::uint16_t>(*target);
    else if (target)
        context.reporter.tell(*item.find("target"),
                              fmt::format("{} is no port", item.find("target")->text),
                              "1 to 65535");
    if (!port.published.empty() && !is_port_range(port.published))
        context.reporter.tell(*item.find("published"),
                              fmt::format("'{}' is no published port", port.published),
                              "a number from 0 to 65535, or a range");
    if (!is_protocol(port.protocol))
        context.reporter.tell(*item.find("protocol"),
                              fmt::format("'{}' is no protocol", port.protocol),
                              "tcp, udp or sctp");
    return port;
}

}    // namespace

std::vector<model::Port> decode_ports(const yaml::Node& list, const DecodeContext& context) {
    std::vector<model::Port> ports;
    std::set<model::Port> seen;
    for (std::size_t index = 0; index < list.items.size(); ++index) {
        const Path::Step step(context.reporter.path, index);
        model::Port port = decode_port(list.items[index], context);
        if (seen.insert(port).second) ports.push_back(std::move(port));
    }
    return ports;
}

model::Strings decode_expose(const yaml::Node& list, const DecodeContext& context) {
    model::Strings exposed;
    for (const yaml::Node& item : list.items) {
        const std::string& text = item.text;
        exposed.push_back(text);
        const std::size_t slash = text.find('/');
        const bool known = slash == std::string::npos || is_protocol(text.substr(slash + 1));
        if (known && is_port_range(std::string_view(text).substr(0, slash))) continue;
        context.reporter.tell(item, fmt::format("'{}' is no port", text),
                              "write \"8000\" or \"8000/udp\"");
    }
    return exposed;
}

}    // namespace trueup::compose
