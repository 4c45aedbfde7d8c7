package cli

import "maps"

// handlers says which function runs which command, by the command's key.
func handlers() map[string]handler {
	all := wordHandlers()
	maps.Copy(all, map[string]handler{
		"run":            runTofu,
		"render":         runRender,
		"find":           runFind,
		"list":           runList,
		"dag graph":      runGraph,
		"why":            runWhy,
		"browse":         runBrowse,
		"exec":           runExec,
		"info print":     runInfo,
		"hcl format":     runFormat,
		"hcl validate":   runValidate,
		"stack generate": runStackGenerate,
		"stack run":      runStackRun,
		"stack output":   runStackOutput,
		"stack clean":    runStackClean,
		"rescue":         runRescue,

		"backend bootstrap": runBackendBootstrap,
		"backend delete":    runBackendDelete,
		"backend migrate":   runBackendMigrate,

		"promote":        runPromote,
		"locks":          runLocks,
		"environments":   runEnvironments,
		"versions":       runVersions,
		"check":          runCheck,
		"cache info":     runCacheInfo,
		"cache prune":    runCachePrune,
		"cache verify":   runCacheVerify,
		"clean":          runClean,
		"catalog":        runCatalog,
		"scaffold":       runScaffold,
		tofuHelpKey:      tofuHelp,
		"bundle create":  runBundleCreate,
		"bundle show":    runBundleShow,
		"bundle approve": runBundleApprove,
		"bundle apply":   runBundleApply,
	})
	return all
}
