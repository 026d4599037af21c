import directory from './directory.json'
import explain from './explain.json'
import insights from './insights.json'
import link from './link.json'
import links from './links.json'
import operator from './operator.json'
import parts from './parts.json'
import search from './search.json'
import shell from './shell.json'
import whynot from './whynot.json'

export default {
  ...parts,
  ...shell,
  ...link,
  ...links,
  ...insights,
  ...explain,
  ...whynot,
  ...directory,
  ...operator,
  ...search,
}
