//! `--query`: `JMESPath`, as az takes it.

use jmespath::ast::Ast;
use serde_json::{Map, Value};

use crate::printer::Failure;

#[derive(Debug)]
pub struct Query {
    expression: jmespath::Expression<'static>,
    /// The names of each `{name: …}` in the query, in the order written.
    orders: Vec<Vec<String>>,
}

impl Query {
    /// Understands the text.
    ///
    /// # Errors
    ///
    /// As az says it, when the text is no `JMESPath`.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let expression = jmespath::compile(text)
            .map_err(|error| Failure::Usage(invalid(&error.reason.to_string())))?;
        let mut orders = Vec::new();
        collect(expression.as_ast(), &mut orders);
        Ok(Self { expression, orders })
    }

    /// What the query finds in `value`. Objects that the query makes have their fields in the
    /// order of the query; all others sorted.
    ///
    /// # Errors
    ///
    /// When a function of the query is given what it does not take.
    pub fn search(&self, value: &Value) -> Result<Value, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::failed(invalid(&error.to_string()));
        let data = jmespath::Variable::try_from(value.clone()).map_err(|e| failed(&e))?;
        let found = self.expression.search(data).map_err(|e| failed(&e.reason))?;
        let found = serde_json::to_value(&*found).map_err(|e| failed(&e))?;
        Ok(self.ordered(found))
    }

    fn ordered(&self, value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.ordered(item)).collect(),
            Value::Object(mut object) => {
                let made = |names: &&Vec<String>| {
                    names.len() == object.len() && names.iter().all(|n| object.contains_key(n))
                };
                let names = match self.orders.iter().find(made) {
                    Some(names) => names.clone(),
                    None => object.keys().cloned().collect(),
                };
                let mut out = Map::new();
                for name in names {
                    if let Some(item) = object.remove(&name) {
                        out.insert(name, self.ordered(item));
                    }
                }
                Value::Object(out)
            }
            other => other,
        }
    }
}

fn invalid(reason: &str) -> String {
    format!(
        "Invalid jmespath query supplied for --query: {}\nTo learn more about --query, see https://jmespath.org",
        crate::clean::lines(reason)
    )
}

/// Finds all `{name: …}`.
fn collect(ast: &Ast, orders: &mut Vec<Vec<String>>) {
    match ast {
        Ast::MultiHash { elements, .. } => {
            orders.push(elements.iter().map(|pair| pair.key.clone()).collect());
            for pair in elements {
                collect(&pair.value, orders);
            }
        }
        Ast::Comparison { lhs, rhs, .. }
        | Ast::Projection { lhs, rhs, .. }
        | Ast::And { lhs, rhs, .. }
        | Ast::Or { lhs, rhs, .. }
        | Ast::Subexpr { lhs, rhs, .. } => {
            collect(lhs, orders);
            collect(rhs, orders);
        }
        Ast::Condition { predicate, then, .. } => {
            collect(predicate, orders);
            collect(then, orders);
        }
        Ast::Expref { ast: node, .. }
        | Ast::Flatten { node, .. }
        | Ast::Not { node, .. }
        | Ast::ObjectValues { node, .. } => collect(node, orders),
        Ast::Function { args, .. } | Ast::MultiList { elements: args, .. } => {
            for arg in args {
                collect(arg, orders);
            }
        }
        Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::Query;
    use crate::printer::Failure;

    #[test]
    fn what_is_no_query_is_wrong_usage() {
        let refused = Query::parse("a[").unwrap_err();
        assert!(matches!(refused, Failure::Usage(_)));
        assert!(refused.to_string().starts_with("Invalid jmespath query supplied for --query: "));
    }

    #[test]
    fn what_a_function_does_not_take_fails() {
        let query = Query::parse("length(@)").unwrap();
        assert!(matches!(query.search(&serde_json::json!(1)), Err(Failure::Failed(_))));
    }
}
