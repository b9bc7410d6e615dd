package fix

import "context"

func imports(ctx context.Context, m setter) {
	saved(ctx, m) // want `the error of saved \(Map.Set\) is dropped`
}
